/** The records of a collection: a page of them, how many there are, and one in full. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { Collection, StoredRecord } from "./types.ts";

export const PAGE_SIZE = 100;

/** The number of a page's first record, counted from 1 over the whole list. */
export function firstNumber(page: number): number {
  return (page - 1) * PAGE_SIZE + 1;
}

/** `filter` is an expression here, not yet what a person typed. */
export type RecordsQuery = { filter: string; sort: string; page: number };

/** Counting is the slow half of a list, so the page comes without it and `countQuery` follows on its own. */
export const recordsQuery = (collection: Collection, query: RecordsQuery) =>
  queryOptions({
    queryKey: keys.recordsPage(collection.name, query),
    queryFn: async ({ signal }) => {
      const { filter, page } = query;
      const options = {
        filter,
        sort: query.sort || newestFirst(collection),
        expand: relations(collection),
        skipTotal: true,
        signal,
      };
      const list = await client.collection(collection.name).getList<StoredRecord>(page, PAGE_SIZE, options);
      return list.items;
    },
    placeholderData: keepPreviousData,
  });

export const countQuery = (collection: string, filter = "") =>
  queryOptions({
    queryKey: keys.recordsCount(collection, filter),
    queryFn: async ({ signal }) => {
      const list = await client.collection(collection).getList(1, 1, { filter, fields: "id", signal });
      return list.totalItems;
    },
    staleTime: 10_000,
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

/** A view has no order of arrival; its query decides. */
function newestFirst(collection: Collection): string {
  return collection.type === "view" ? "" : "-@rowid";
}

/** Relations are fetched along, so that they can be shown by name instead of by id. */
function relations(collection: Collection): string {
  return collection.fields
    .filter((field) => field.type === "relation" && !field.hidden)
    .map((field) => field.name)
    .join(",");
}
