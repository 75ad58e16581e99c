/** A few records to make examples of. */

import { queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { Collection, StoredRecord } from "./types.ts";

export const samplesQuery = (collection: Collection, collections: readonly Collection[]) =>
  queryOptions({
    queryKey: keys.samples(collection.name),
    queryFn: async ({ signal }) => {
      const targetIds = new Set(collection.fields.map((field) => field.collectionId).filter((id) => id !== undefined));
      const targets = collections.filter(({ id }) => targetIds.has(id));
      const auths = collections.filter(({ type, system }) => type === "auth" && !system);
      const [own, targetRecords, authRecords] = await Promise.all([
        firstOf(collection.name, signal),
        Promise.all(targets.map(({ name }) => firstOf(name, signal))),
        Promise.all(auths.map(({ name }) => firstOf(name, signal))),
      ]);
      const isFound = (record: StoredRecord | undefined) => record !== undefined;
      return {
        own,
        targets: Object.fromEntries(targetRecords.filter(isFound).map((record) => [record.collectionId, record.id])),
        people: Object.fromEntries(authRecords.filter(isFound).map((record) => [record.collectionName, record])),
      };
    },
    staleTime: 60_000,
  });

async function firstOf(collection: string, signal: AbortSignal): Promise<StoredRecord | undefined> {
  const page = await client.collection(collection).getList<StoredRecord>(1, 1, { skipTotal: true, signal });
  return page.items[0];
}
