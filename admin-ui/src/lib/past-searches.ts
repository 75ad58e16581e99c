/** The list of what somebody searched for lately: each search once, the newest first, and not too many. */

/** `typed` into a search box, or put together from drop-downs. */
export type PastSearch = { kind: "typed" | "built"; text: string };

export const MAX_PAST_SEARCHES = 10;

/** A longer one is not likely to be wanted again, and would fill the browser's storage. */
const MAX_TEXT = 2_000;

/** Returns the searches in what was stored. Whatever else it holds is left out. */
export function readPastSearches(stored: unknown): PastSearch[] {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((one: unknown) => {
    const { kind, text } = Object(one) as { kind?: unknown; text?: unknown }; // any JSON may stand there
    return (kind === "typed" || kind === "built") && typeof text === "string" ? [{ kind, text }] : [];
  });
}

export function withSearch(searches: readonly PastSearch[], { kind, text: raw }: PastSearch): PastSearch[] {
  const text = raw.trim();
  if (text === "" || text.length > MAX_TEXT) return [...searches];
  const search = { kind, text };
  return [search, ...withoutSearch(searches, search)].slice(0, MAX_PAST_SEARCHES);
}

export function withoutSearch(searches: readonly PastSearch[], gone: PastSearch): PastSearch[] {
  return searches.filter(({ kind, text }) => kind !== gone.kind || text !== gone.text);
}
