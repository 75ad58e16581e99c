/** Finds records in many collections by what they hold: a few collections at a time, and none for too long. */

import { containsText, type SearchedFields } from "#lib/filter-text.ts";
import { client } from "./client.ts";
import { isCalledFilter } from "./lookup.ts";
import type { StoredRecord } from "./types.ts";

const AT_ONCE = 4;
/** Where there are so many, there may be more. */
export const PER_COLLECTION = 4;
/** Of all collections together. */
const MAX_FOUND = 60;
/** One large collection must not keep the others waiting, nor the person. */
const MAX_REQUEST_MS = 4_000;
const MAX_SEARCH_MS = 20_000;

export type SearchedCollection = {
  name: string;
  fields: SearchedFields;
  /** Fields that a record is called by. */
  nameFields: readonly string[];
};
export type FoundRecord = { collection: string; record: StoredRecord };

/**
 * Calls `onFound` with what each collection has, as it comes; earlier collections are asked earlier. Tells whether all
 * were searched to the end. Asks for nothing while the page is hidden.
 */
export async function searchRecords(
  collections: readonly SearchedCollection[],
  wanted: string,
  signal: AbortSignal,
  onFound: (found: FoundRecord[]) => void,
): Promise<boolean> {
  const waiting = [...collections];
  const endsAt = Date.now() + MAX_SEARCH_MS;
  let [count, isComplete] = [0, true];
  const searchNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await pageShown(signal);
      if (signal.aborted) return;
      if (count >= MAX_FOUND || Date.now() > endsAt) {
        isComplete = false;
        return;
      }
      const found = await searchOne(next, wanted, signal);
      if (signal.aborted) return;
      isComplete &&= found !== null;
      count += found?.length ?? 0;
      if (found && found.length > 0) onFound(found);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, searchNext));
  return isComplete;
}

/** `null`: it could not be searched, or not in time. */
async function searchOne(
  { name, fields, nameFields }: SearchedCollection,
  wanted: string,
  signal: AbortSignal,
): Promise<FoundRecord[] | null> {
  const patience = new AbortController();
  const stop = () => patience.abort();
  const timer = setTimeout(stop, MAX_REQUEST_MS);
  signal.addEventListener("abort", stop);
  const ask = async (filter: string) => {
    const options = { filter, skipTotal: true, signal: patience.signal };
    return (await client.collection(name).getList<StoredRecord>(1, PER_COLLECTION, options)).items;
  };
  try {
    const found = await ask(containsText(wanted, fields));
    // Among many, the ones that are called exactly so may be later.
    const isFull = found.length === PER_COLLECTION && nameFields.length > 0;
    const exact = isFull ? await ask(isCalledFilter(nameFields, wanted)).catch(() => []) : [];
    const unique = new Map([...exact, ...found].map((record) => [record.id, record]));
    return [...unique.values()].slice(0, PER_COLLECTION).map((record) => ({ collection: name, record }));
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** When somebody can see the page, or nobody waits any more. */
function pageShown(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (document.visibilityState === "hidden" && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      signal.removeEventListener("abort", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look);
    look();
  });
}
