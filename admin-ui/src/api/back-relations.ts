/** Where a record is used: which records of other collections point to it. */

import { queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { Collection, Field, StoredRecord } from "./types.ts";

export type BackRelation = { collection: Collection; field: Field };

/** Views copy relations of others, so they would count everything twice. */
export function backRelations(collections: readonly Collection[], target: string): BackRelation[] {
  return collections
    .filter(({ type }) => type !== "view")
    .flatMap((collection) =>
      collection.fields
        .filter((field) => field.type === "relation" && field.collectionId === target)
        .map((field) => ({ collection, field })),
    );
}

/** The filter that finds them, as a person may see it in the search box. */
export function usedByFilter({ field }: BackRelation, id: string): string {
  const operator = (field.maxSelect ?? 1) > 1 ? "?=" : "=";
  return `${field.name} ${operator} ${JSON.stringify(id)}`;
}

const MAX_NAMED = 5;

export const usedByQuery = (relation: BackRelation, id: string) =>
  queryOptions({
    queryKey: keys.usedBy(relation.collection.name, relation.field.name, id),
    queryFn: ({ signal }) => findUsers(relation, id, signal),
  });

async function findUsers(relation: BackRelation, id: string, signal: AbortSignal) {
  const options = { filter: usedByFilter(relation, id), signal };
  const page = await client.collection(relation.collection.name).getList<StoredRecord>(1, MAX_NAMED, options);
  return { total: page.totalItems, records: page.items };
}
