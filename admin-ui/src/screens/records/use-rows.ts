/**
 * The rows of the grid: pages of records that are fetched as they come into sight, and behind them the rows that were
 * added here since.
 */

import { type QueryClient, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { keys } from "#api/keys.ts";
import { countQuery, PAGE_SIZE, recordsQuery } from "#api/records.ts";
import type { Collection, StoredRecord } from "#api/types.ts";

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
  /** Among those that are loaded. */
  indexOf: (key: string) => number;
  /** Fetches what is missing between two rows. */
  load: (first: number, last: number) => Promise<void>;
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

export function useRows(collection: Collection, question: Question, addedRows: readonly AddedRow[]): Rows {
  const cache = useQueryClient();
  const { data: counted } = useQuery(countQuery(collection.name, question.filter));
  const { data: firstPage } = useQuery(recordsQuery(collection, { ...question, page: 1 }));
  return useMemo(() => {
    const isOnlyPage = firstPage !== undefined && firstPage.length < PAGE_SIZE;
    // The answer to another filter may hold them already.
    const known = new Set(firstPage?.map(({ id }) => id));
    const added = addedRows.filter(({ record }) => !record || !known.has(record.id));
    const total = isOnlyPage ? firstPage.length : Math.max(counted ?? 0, firstPage?.length ?? 0);
    const at = (index: number): Row | null => {
      if (index < 0) return null;
      const extra = added[index - total];
      if (index >= total) return extra ? { ...extra, isAdded: true } : null;
      const record = pageIn(cache, collection, question, pageOf(index))?.[index % PAGE_SIZE];
      return { key: record?.id ?? "", record: record ?? null, isAdded: false };
    };
    return {
      total,
      count: total + added.length,
      at,
      indexOf: (key) => {
        const extra = added.findIndex((row) => row.key === key || row.record?.id === key);
        return extra >= 0 ? total + extra : findLoaded(cache, collection, question, key);
      },
      load: (first, last) => loadPages(cache, collection, question, pageOf(first), pageOf(Math.min(last, total - 1))),
    };
  }, [cache, collection, question, firstPage, counted, addedRows]);
}

function pageIn(cache: QueryClient, collection: Collection, question: Question, page: number) {
  return cache.getQueryData<StoredRecord[]>(keys.recordsPage(collection.name, { ...question, page }));
}

function findLoaded(cache: QueryClient, collection: Collection, question: Question, id: string): number {
  for (const [key, records] of cache.getQueriesData<StoredRecord[]>({ queryKey: keys.recordsPages(collection.name) })) {
    const query = key[3] as ReturnType<typeof keys.recordsPage>[3]; // the scheme of `keys`
    if (query.filter !== question.filter || query.sort !== question.sort) continue;
    const index = records?.findIndex((record) => record.id === id) ?? -1;
    if (index >= 0) return (query.page - 1) * PAGE_SIZE + index;
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
