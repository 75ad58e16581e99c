/** What somebody searched for lately, newest first. Kept in their browser. */

import { useState } from "react";
import { keep, readKept } from "#lib/kept.ts";
import { type PastSearch, readPastSearches, withoutSearch, withSearch } from "#lib/past-searches.ts";

export type PastSearches = {
  searches: readonly PastSearch[];
  /** Puts it at the top. Nothing but blanks is no search. */
  remember: (search: PastSearch) => void;
  forget: (search: PastSearch) => void;
  clear: () => void;
};

/** `key` stays the same while it is shown. */
export function usePastSearches(key: string): PastSearches {
  const [searches, setSearches] = useState(() => readPastSearches(readKept(key)));
  const store = (next: PastSearch[]) => {
    setSearches(next);
    keep(key, next.length === 0 ? undefined : next);
  };
  // Read again each time: another window may have added to them.
  const now = () => readPastSearches(readKept(key));
  return {
    searches,
    remember: (search) => store(withSearch(now(), search)),
    forget: (search) => store(withoutSearch(now(), search)),
    clear: () => store([]),
  };
}
