/**
 * The rows of the grid: pages of records that are fetched as they come into sight, and behind them the rows that were
 * added here since.
 */

import { hashKey, type QueryClient, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { aggregatesQuery } from "#api/aggregates.ts";
import { keys } from "#api/keys.ts";
import { countQuery, PAGE_SIZE, recordsQuery } from "#api/records.ts";
import type { Collection, StoredRecord } from "#api/types.ts";
import { indexOf, placeOf } from "#lib/grid/gaps.ts";

/** What is asked of the server. */
export type Question = { filter: string; sort: string };

/** A row that was added here. Its record is there once it is saved; its key stays. */
export type AddedRow = { key: string; record: StoredRecord | null };

/** `record` is null while it is on its way, or not saved for the first time. */
export type Row = { key: string; record: StoredRecord | null; isAdded: boolean };

export type Rows = {
  /** All of them, whether loaded or not. */
  count: number;
  /** Without the ones added here. */
  total: number;
  at: (index: number) => Row | null;
  /** Which place a row has on the server, where hidden ones count. */
  placeOf: (index: number) => number;
  /** Among those that are loaded. */
  indexOf: (key: string) => number;
  /** The same rows as they are by now. */
  latest: (rows: readonly Row[]) => Row[];
  /** Fetches what is missing between two rows. */
  load: (first: number, last: number) => Promise<void>;
  /** How many of all have nothing in this field; `null` where the server cannot tell. */
  countEmpty: (field: string) => Promise<number | null>;
};

/** Pages that only fly past while somebody drags the scroll bar are not fetched. */
const SETTLED_MS = 70;
const FETCHED_AT_ONCE = 4;

function pageOf(index: number): number {
  return Math.floor(index / PAGE_SIZE) + 1;
}

/**
 * The answered question lags behind the asked one until its first page is there, so that the old rows stay in sight
 * meanwhile.
 */
export function useAnswered(collection: Collection, asked: Question) {
  const first = useQuery(recordsQuery(collection, { ...asked, page: 1 }));
  const [answered, setAnswered] = useState<Question | null>(null);
  const isSame = answered?.filter === asked.filter && answered.sort === asked.sort;
  if (first.data && !isSame) setAnswered(asked);
  return { first, answered, isOutdated: !isSame };
}

/** `hidden`: ids of records that are left out. */
export function useRows(
  collection: Collection,
  question: Question,
  added: readonly AddedRow[],
  hidden: ReadonlySet<string>,
): Rows {
  const cache = useQueryClient();
  const { data: counted } = useQuery(countQuery(collection.name, question.filter));
  const { data: firstPage } = useQuery(recordsQuery(collection, { ...question, page: 1 }));
  const isAnyHidden = hidden.size > 0;
  const version = usePagesVersion(collection.name, isAnyHidden);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other pages have other gaps
  const gaps = useMemo(
    () => (isAnyHidden ? findHidden(cache, collection, question, hidden) : []),
    [cache, collection, question, hidden, isAnyHidden, version],
  );
  return useMemo(() => {
    const isOnlyPage = firstPage !== undefined && firstPage.length < PAGE_SIZE;
    const all = isOnlyPage ? firstPage.length : Math.max(counted ?? 0, firstPage?.length ?? 0);
    const total = Math.max(0, all - gaps.length);
    // The answer to another filter may hold them already.
    const known = new Set(firstPage?.map(({ id }) => id));
    const extras = added.filter(({ record }) => !record || !(known.has(record.id) || hidden.has(record.id)));
    const place = (index: number) => placeOf(gaps, index);
    const pageAt = pagesIn(cache, collection, question);
    const at = (index: number): Row | null => {
      if (index < 0) return null;
      const extra = extras[index - total];
      if (index >= total) return extra ? { ...extra, isAdded: true } : null;
      const record = pageAt(pageOf(place(index)))?.[place(index) % PAGE_SIZE];
      return { key: record?.id ?? "", record: record ?? null, isAdded: false };
    };
    return {
      total,
      count: total + extras.length,
      at,
      placeOf: place,
      indexOf: (key) => {
        const extra = extras.findIndex((row) => row.key === key || row.record?.id === key);
        if (extra >= 0) return total + extra;
        const found = findLoaded(cache, collection, question, key);
        return found < 0 ? -1 : indexOf(gaps, found);
      },
      latest: (rows) => {
        const records = new Map<string, StoredRecord | null>(added.map(({ key, record }) => [key, record]));
        for (const page of loadedPages(cache, collection, question)) {
          for (const record of page.records) records.set(record.id, record);
        }
        return rows.map((row) => ({ ...row, record: records.get(row.key) ?? row.record }));
      },
      countEmpty: async (field) => {
        const wanted = `${field}:empty`;
        const query = aggregatesQuery(collection.name, question.filter, [wanted]);
        const values = await cache.fetchQuery(query).catch(() => null);
        const count = values?.[wanted];
        return typeof count === "number" ? count : null;
      },
      load: (first, last) =>
        loadPages(cache, collection, question, pageOf(place(first)), pageOf(place(Math.min(last, total - 1)))),
    };
  }, [cache, collection, question, firstPage, counted, added, gaps, hidden]);
}

/** Changes when pages arrive. */
function usePagesVersion(collection: string, isWatched: boolean): number {
  const cache = useQueryClient();
  const [version, setVersion] = useState(0);
  useEffect(() => {
    if (!isWatched) return;
    return cache.getQueryCache().subscribe(({ type, query }) => {
      const [records, name, kind] = query.queryKey;
      if (type === "updated" && records === "records" && name === collection && kind === "page") {
        setVersion((before) => before + 1);
      }
    });
  }, [cache, collection, isWatched]);
  return version;
}

/** The places of the hidden records, as far as their pages are loaded. */
function findHidden(cache: QueryClient, collection: Collection, question: Question, hidden: ReadonlySet<string>) {
  const places: number[] = [];
  for (const { page, records } of loadedPages(cache, collection, question)) {
    records.forEach(({ id }, index) => {
      if (hidden.has(id)) places.push((page - 1) * PAGE_SIZE + index);
    });
  }
  return places.sort((one, other) => one - other);
}

function* loadedPages(cache: QueryClient, collection: Collection, question: Question) {
  for (const [key, records] of cache.getQueriesData<StoredRecord[]>({ queryKey: keys.recordsPages(collection.name) })) {
    const query = key[3] as ReturnType<typeof keys.recordsPage>[3]; // the scheme of `keys`
    if (records && query.filter === question.filter && query.sort === question.sort)
      yield { page: query.page, records };
  }
}

/** Finds pages for thousands of cells in a row: what they are called in the cache is put together once. */
function pagesIn(cache: QueryClient, collection: Collection, question: Question) {
  const hashes = new Map<number, string>();
  return (page: number): StoredRecord[] | undefined => {
    const hash = hashes.get(page) ?? hashKey(keys.recordsPage(collection.name, { ...question, page }));
    hashes.set(page, hash);
    return cache.getQueryCache().get<StoredRecord[]>(hash)?.state.data;
  };
}

function pageIn(cache: QueryClient, collection: Collection, question: Question, page: number) {
  return cache.getQueryData<StoredRecord[]>(keys.recordsPage(collection.name, { ...question, page }));
}

function findLoaded(cache: QueryClient, collection: Collection, question: Question, id: string): number {
  for (const { page, records } of loadedPages(cache, collection, question)) {
    const index = records.findIndex((record) => record.id === id);
    if (index >= 0) return (page - 1) * PAGE_SIZE + index;
  }
  return -1;
}

async function loadPages(cache: QueryClient, collection: Collection, question: Question, first: number, last: number) {
  const missing: number[] = [];
  for (let page = first; page <= last; page++) {
    if (!pageIn(cache, collection, question, page)) missing.push(page);
  }
  const fetchNext = async (): Promise<void> => {
    for (let page = missing.shift(); page !== undefined; page = missing.shift()) {
      await cache.fetchQuery(recordsQuery(collection, { ...question, page }));
    }
  };
  await Promise.all(Array.from({ length: FETCHED_AT_ONCE }, fetchNext));
}

/** Fetches the pages in sight and draws again when they come. */
export function usePagesInSight(
  collection: Collection,
  question: Question,
  first: number,
  last: number,
  total: number,
): void {
  const cache = useQueryClient();
  const [firstPage, lastPage] = [pageOf(first), pageOf(Math.max(first, last))];
  const isSettled = useSettled(`${firstPage} ${lastPage}`);
  const pages = Array.from({ length: lastPage - firstPage + 1 }, (_, index) => firstPage + index);
  useQueries({
    queries: pages.map((page) => ({
      ...recordsQuery(collection, { ...question, page }),
      enabled: isSettled || page === 1,
    })),
  });
  useEffect(() => {
    if (!isSettled) return;
    if (lastPage < pageOf(total - 1))
      cache.prefetchQuery(recordsQuery(collection, { ...question, page: lastPage + 1 }));
    if (firstPage > 1) cache.prefetchQuery(recordsQuery(collection, { ...question, page: firstPage - 1 }));
  }, [cache, collection, question, firstPage, lastPage, total, isSettled]);
}

function useSettled(value: string): boolean {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled === value;
}
