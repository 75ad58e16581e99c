/** Says in words how it stands with a delivery. */

import type { Delivery } from "#api/webhooks.ts";
import { formatFromNow, parseDate } from "#lib/format.ts";
import { words } from "#words/words.ts";

/** What happened so far and what happens next, in a line. */
export function describeDelivery(delivery: Delivery, now: Date): string {
  const texts = words().deliveries;
  const { state, attemptCount, nextTry } = delivery;
  if (state === "running") return texts.runningNow;
  if (state === "failed") return texts.gaveUp(attemptCount);
  if (state === "succeeded") return texts.arrived(attemptCount);
  const next = parseDate(nextTry);
  const isDue = next === null || next <= now;
  if (attemptCount === 0) return texts.isDue;
  return texts.nextTry(attemptCount, isDue ? texts.shortly : formatFromNow(next, now));
}
