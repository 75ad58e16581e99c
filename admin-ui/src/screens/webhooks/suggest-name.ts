/** A name for an endpoint that nobody has named: what it hears, and where it goes. */

import { EVERY_COLLECTION } from "#lib/webhooks/events.ts";
import { words } from "#words/words.ts";
import type { WebhookDraft } from "./draft.ts";

/** One that none of `taken` has. Upper and lower case are the same there. */
export function suggestName({ format, listening }: WebhookDraft, taken: readonly string[]): string {
  const texts = words().webhooks;
  const heard = listening
    .map(({ collection }) => (collection === EVERY_COLLECTION ? texts.everyCollection : collection))
    .filter(Boolean);
  const service = texts.formats[format === "template" ? "json" : format];
  const name = heard.length === 0 ? service : `${heard.join(", ")} → ${service}`;
  const used = new Set(taken.map((one) => one.toLowerCase()));
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name} ${number}`;
    if (!used.has(candidate.toLowerCase())) return candidate;
  }
}
