/** Says in words what an endpoint hears, where it goes and how it is. */

import type { Webhook } from "#api/webhooks.ts";
import { formatDuration, formatFromNow, parseDate } from "#lib/format.ts";
import { EVERY_COLLECTION, readEvents, SIGN_UP } from "#lib/webhooks/events.ts";
import { words } from "#words/words.ts";

/** Each part is one collection, as in "when a record in “orders” is created or changed". */
export function describeEvents(events: readonly string[]): string[] {
  const texts = words().webhooks;
  return readEvents(events).flatMap(({ collection, actions }) => {
    const isAny = collection === EVERY_COLLECTION;
    const did = actions.filter((action) => action !== SIGN_UP).map((action) => texts.did[action]);
    const changes = isAny ? texts.whenAny(did) : texts.when(collection, did);
    const signUps = isAny ? texts.whenAnySignUp : texts.whenSignUp(collection);
    return [...(did.length > 0 ? [changes] : []), ...(actions.includes(SIGN_UP) ? [signUps] : [])];
  });
}

/** One event, as in "orders: created". */
export function describeEvent(event: string): string {
  const { events } = words().deliveries;
  const [heard] = readEvents([event]);
  const [action] = heard?.actions ?? [];
  return heard && action && !event.endsWith(".*") ? events[action](heard.collection) : event;
}

/** Scripts send to addresses, too, which have no endpoint: their deliveries name the host instead. */
const ADDRESS_PREFIX = "url:";

/** The host that a delivery without an endpoint goes to; `null` for one with an endpoint. */
export function addressOf(webhook: string): string | null {
  return webhook.startsWith(ADDRESS_PREFIX) ? webhook.slice(ADDRESS_PREFIX.length) : null;
}

/** Of a URL whose path is masked: what is left to recognise it by. */
export function hostOf(url: string): string {
  if (url.startsWith("mailto:")) return url.slice("mailto:".length);
  return /^https?:\/\/([^/?#]+)/i.exec(url)?.[1] ?? url;
}

export type WebhookState = Webhook["health"]["state"] | "off";

export function stateOf({ enabled, health }: Webhook): WebhookState {
  if (!enabled) return "off";
  // A test that arrived is something that was sent.
  return health.state === "idle" && health.succeeded24h > 0 ? "ok" : health.state;
}

/** Since when it fails, and when it is tried next. Empty while all is well. */
export function describeTrouble(webhook: Webhook, now: Date): string {
  const texts = words().webhooks;
  const state = stateOf(webhook);
  if (state !== "failing" && state !== "paused") return "";
  const { failingSince, nextTry, waiting } = webhook.health;
  const since = parseDate(failingSince);
  const next = parseDate(nextTry);
  return [
    since ? texts.failingFor(formatDuration(Math.max(0, (now.getTime() - since.getTime()) / 1000))) : "",
    next ? texts.nextTry(next <= now ? texts.shortly : formatFromNow(next, now)) : "",
    waiting > 0 ? texts.waiting(waiting) : "",
  ]
    .filter(Boolean)
    .join(", ");
}
