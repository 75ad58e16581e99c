/** The records that the grid shows, in the query cache: changing them in place, and asking for them again. */

import type { QueryClient } from "@tanstack/react-query";
import { keys } from "#api/keys.ts";
import { settingsQuery } from "#api/settings.ts";
import type { StoredRecord } from "#api/types.ts";
import type { Question } from "./use-rows.ts";

/** Many saves in a row are shown together. */
const FLUSH_MS = 80;
/** Sums are asked for again when writing pauses. */
const SUMS_MS = 600;

export class RowCache {
  readonly #cache: QueryClient;
  readonly #collection: string;
  readonly #waiting = new Map<string, StoredRecord>();
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  #sumsTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(cache: QueryClient, collection: string) {
    this.#cache = cache;
    this.#collection = collection;
  }

  /** As it is shown now, or will be in a moment. */
  find(id: string): StoredRecord | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting) return waiting;
    for (const [, records] of this.#pages()) {
      const found = records?.find((record) => record.id === id);
      if (found) return found;
    }
    return undefined;
  }

  /** The page of an answer that holds the record, with the ids on it. */
  pageWith(id: string, { filter, sort }: Question): { page: number; ids: string[] } | null {
    for (const [key, records] of this.#pages()) {
      const query = key[3] as ReturnType<typeof keys.recordsPage>[3]; // the scheme of `keys`
      if (query.filter !== filter || query.sort !== sort || !records?.some((record) => record.id === id)) continue;
      return { page: query.page, ids: records.map((record) => record.id) };
    }
    return null;
  }

  put(record: StoredRecord): void {
    this.#waiting.set(record.id, record);
    this.#flushTimer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  /** The counts and sums below the grid may be others now. */
  touchSums(): void {
    clearTimeout(this.#sumsTimer);
    this.#sumsTimer = setTimeout(() => {
      this.#cache.invalidateQueries({ queryKey: keys.aggregatesOf(this.#collection) });
    }, SUMS_MS);
  }

  /** Records came or went: what is in sight is asked for again, the rest when it comes into sight. */
  async reload(): Promise<void> {
    this.#flush();
    const pages = keys.recordsPages(this.#collection);
    this.#cache.removeQueries({ queryKey: pages, type: "inactive" });
    await Promise.all([
      this.#cache.invalidateQueries({ queryKey: pages }),
      this.#cache.invalidateQueries({ queryKey: keys.recordsCounts(this.#collection) }),
    ]);
    this.touchSums();
  }

  /** What went took other records with it, or left their links empty. */
  async reloadEverything(): Promise<void> {
    this.#flush();
    this.#cache.removeQueries({ queryKey: keys.recordsPages(this.#collection), type: "inactive" });
    await this.#cache.invalidateQueries({ queryKey: ["records"] });
  }

  close(): void {
    clearTimeout(this.#flushTimer);
    clearTimeout(this.#sumsTimer);
  }

  #pages() {
    return this.#cache.getQueriesData<StoredRecord[]>({ queryKey: keys.recordsPages(this.#collection) });
  }

  #flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    if (this.#waiting.size === 0) return;
    for (const [key, records] of this.#pages()) {
      if (!records?.some(({ id }) => this.#waiting.has(id))) continue;
      this.#cache.setQueryData(
        key,
        records.map((record) => this.#waiting.get(record.id) ?? record),
      );
    }
    for (const [id, record] of this.#waiting) {
      const key = keys.record(this.#collection, id);
      if (this.#cache.getQueryData(key)) this.#cache.setQueryData(key, record);
    }
    this.#waiting.clear();
    this.touchSums();
  }
}

/** More in one request would keep other writers waiting, and show no progress. */
const MAX_IN_ONE = 100;

/** How many records the server takes in one request; 1 where it takes single ones only, or its settings are not known. */
export function rowsInOne(cache: QueryClient): number {
  const batch = cache.getQueryData(settingsQuery().queryKey)?.batch;
  return batch?.enabled ? Math.min(MAX_IN_ONE, batch.maxRequests) : 1;
}
