/** Records that hold what was typed, as they are found. What is there stays where it is while more comes. */

import { useEffect, useState } from "react";
import { type FoundRecord, type SearchedCollection, searchRecords } from "#api/search.ts";

const MIN_LETTERS = 2;

type Search = { wanted: string; found: FoundRecord[]; isOver: boolean; isComplete: boolean };
const NOTHING: Search = { wanted: "", found: [], isOver: true, isComplete: true };

/** `wanted` is what was typed, once typing pauses. */
export function useFoundRecords(collections: readonly SearchedCollection[], wanted: string) {
  const [search, setSearch] = useState(NOTHING);
  useEffect(() => {
    if (wanted.length < MIN_LETTERS) {
      setSearch(NOTHING);
      return;
    }
    const controller = new AbortController();
    setSearch({ wanted, found: [], isOver: false, isComplete: true });
    const onFound = (found: FoundRecord[]) =>
      setSearch((before) => ({ ...before, found: [...before.found, ...found] }));
    void searchRecords(collections, wanted, controller.signal, onFound).then((isComplete) => {
      if (!controller.signal.aborted) setSearch((before) => ({ ...before, isOver: true, isComplete }));
    });
    return () => controller.abort();
  }, [collections, wanted]);
  return search;
}
