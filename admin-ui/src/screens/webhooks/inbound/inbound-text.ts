/** Says in words how an incoming webhook is. */

import type { Inbound } from "#api/inbound.ts";
import { formatFromNow, parseDate } from "#lib/format.ts";
import { isProvider, PROVIDER_FACTS } from "#lib/inbound/providers.ts";
import { words } from "#words/words.ts";

export type InboundState = "ok" | "waiting" | "refused" | "failing" | "problem" | "off";

/** The newest thing that happened counts. Times of the server can be compared as texts. */
export function stateOf(inbound: Inbound): InboundState {
  const { enabled, problem, lastReceived, lastError, lastErrorAt, lastRefusedAt } = inbound;
  if (!enabled) return "off";
  if (problem !== "") return "problem";
  if (lastRefusedAt > lastReceived) return "refused";
  if (lastError !== "" && lastErrorAt !== "" && lastErrorAt >= lastReceived) return "failing";
  return lastReceived === "" ? "waiting" : "ok";
}

/** The name of the sender. */
export function senderName(provider: string): string {
  if (provider === "hmac") return words().inbound.hmacName;
  return isProvider(provider) ? PROVIDER_FACTS[provider].name : provider;
}

export function describeWay({ provider, collection }: Inbound): string {
  const texts = words().inbound;
  return collection === "" ? texts.fromNowhere(senderName(provider)) : texts.from(senderName(provider), collection);
}

/** When the last one came, and how many of each kind in a day. Empty before the first. */
export function describeTraffic(inbound: Inbound, now: Date): string {
  const last = parseDate(inbound.lastReceived);
  return [last ? words().inbound.lastReceived(formatFromNow(last, now)) : "", describeCounts(inbound)]
    .filter(Boolean)
    .join(" · ");
}

/** How many of each kind in a day. */
export function describeCounts({ received24h, refused24h, failed24h }: Inbound): string {
  const texts = words().inbound;
  const counts = [
    received24h > 0 ? texts.received(received24h) : "",
    failed24h > 0 ? texts.failed(failed24h) : "",
    refused24h > 0 ? texts.refused(refused24h) : "",
  ].filter(Boolean);
  return counts.length > 0 ? texts.in24Hours(counts.join(", ")) : "";
}

/** Why the newest message was turned away or not stored. */
export function describeTrouble(inbound: Inbound): string {
  const state = stateOf(inbound);
  if (state === "problem") return inbound.problem;
  if (state === "refused") return inbound.lastRefused;
  return state === "failing" ? inbound.lastError : "";
}
