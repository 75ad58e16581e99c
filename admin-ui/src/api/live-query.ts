/**
 * For what changes by itself and is looked at: it is asked for again, every few seconds while there is news or somebody
 * is at work, and ever more rarely while there is neither. Each question is a line in the server's log.
 */

import type { QueryClient } from "@tanstack/react-query";
import { watchActivity } from "#lib/activity.ts";

const OFTEN_MS = 3_000;
const RARELY_MS = 48_000;
/** At each pace it is asked so many times before the next slower one. */
const TIMES = 4;

let lastActivity = 0;

/** What was known when it last was news. */
const known = new WeakMap<object, { sign: unknown; since: number }>();

/** A pace stays for longer than it takes to ask once: another one begins to wait from the start. */
export function paceAfter(quietMs: number): number {
  let pace = OFTEN_MS;
  while (pace < RARELY_MS && quietMs >= pace * TIMES * 2) pace *= 2;
  return pace;
}

/** What `signOf` gives differs when there is news. */
export function live<Data>(signOf: (data: Data) => unknown) {
  return {
    refetchInterval: (query: { state: { data: Data | undefined } }): number => {
      const { data } = query.state;
      const sign = data === undefined ? undefined : signOf(data);
      const before = known.get(query);
      const now = Date.now();
      const current = before && before.sign === sign ? before : { sign, since: now };
      if (current !== before) known.set(query, current);
      return paceAfter(now - Math.max(current.since, lastActivity));
    },
    // Nobody looks at a hidden tab. When it is shown again, it is asked for once more.
    refetchIntervalInBackground: false,
    refetchOnWindowFocus: true,
    meta: { isLive: true },
  } as const;
}

export const liveQuery = live((data: unknown) => data);

/** Somebody who comes back to the page sees at once how things are. Returns what ends it. */
export function refreshOnReturn(cache: QueryClient): () => void {
  return watchActivity(() => {
    const now = Date.now();
    const isBack = paceAfter(now - lastActivity) > OFTEN_MS;
    lastActivity = now;
    if (!isBack) return;
    cache.refetchQueries({
      type: "active",
      predicate: (query) => query.meta?.isLive === true && now - query.state.dataUpdatedAt > OFTEN_MS,
    });
  });
}
