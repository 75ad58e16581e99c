/** The records of a collection: a page of them, how many there are, and one in full. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { Collection, StoredRecord } from "./types.ts";

export const PAGE_SIZE = 100;

/** Somebody who scrolls through a large collection does not keep all of it in memory. */
const KEPT_UNSEEN_MS = 60_000;

/** `filter` is an expression here, not yet what a person typed. `page` counts from 1. */
export type RecordsQuery = { filter: string; sort: string; page: number };

/** Counting is the slow half of a list, so the page comes without it and `countQuery` follows on its own. */
export const recordsQuery = (collection: Collection, query: RecordsQuery) =>
  queryOptions({
    queryKey: keys.recordsPage(collection.name, query),
    queryFn: async ({ signal }) => {
      const { filter, page } = query;
      const options = {
        filter,
        sort: completeSort(collection, query.sort),
        expand: relations(collection),
        skipTotal: true,
        signal,
      };
      const list = await client.collection(collection.name).getList<StoredRecord>(page, PAGE_SIZE, options);
      return list.items;
    },
    gcTime: KEPT_UNSEEN_MS,
    staleTime: 30_000,
  });

/** The ids of a page as they are now, past the cache. */
export async function fetchIds(collection: Collection, { filter, sort, page }: RecordsQuery): Promise<string[]> {
  const options = { filter, sort: completeSort(collection, sort), fields: "id", skipTotal: true };
  const list = await client.collection(collection.name).getList<{ id: string }>(page, PAGE_SIZE, options);
  return list.items.map(({ id }) => id);
}

export const countQuery = (collection: string, filter = "") =>
  queryOptions({
    queryKey: keys.recordsCount(collection, filter),
    queryFn: async ({ signal }) => {
      const list = await client.collection(collection).getList(1, 1, { filter, fields: "id", signal });
      return list.totalItems;
    },
    staleTime: 10_000,
    placeholderData: keepPreviousData,
  });

export const recordQuery = (collection: Collection, id: string) =>
  queryOptions({
    queryKey: keys.record(collection.name, id),
    queryFn: ({ signal }) =>
      client.collection(collection.name).getOne<StoredRecord>(id, { expand: relations(collection), signal }),
  });

const MAX_FOUND = 20;

/** The first records that fit, to choose one of them. */
export const recordSearchQuery = (collection: string, filter: string) =>
  queryOptions({
    queryKey: keys.recordSearch(collection, filter),
    queryFn: async ({ signal }) => {
      const list = await client
        .collection(collection)
        .getList<StoredRecord>(1, MAX_FOUND, { filter, skipTotal: true, signal });
      return list.items;
    },
    staleTime: 10_000,
  });

/**
 * In the order of arrival, as in a sheet, unless another is asked for; equal records keep that order, so that pages
 * never overlap. A view has no order of arrival; its query decides.
 */
function completeSort(collection: Collection, sort: string): string {
  if (collection.type === "view") return sort;
  return sort === "" ? "@rowid" : `${sort},@rowid`;
}

/** Relations are fetched along, so that they can be shown by name instead of by id. */
export function relations(collection: Collection): string {
  return collection.fields
    .filter((field) => field.type === "relation" && !field.hidden)
    .map((field) => field.name)
    .join(",");
}
