/** Finds records of several collections by the fields that they are named by. */

import { queryOptions } from "@tanstack/react-query";
import { toFilter } from "#lib/filter-text.ts";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { StoredRecord } from "./types.ts";

/** So many collections are searched for one text, and so many records of each are shown. */
const MAX_COLLECTIONS = 20;
const PER_COLLECTION = 4;

type Searched = { name: string; fields: readonly string[] };

export const foundRecordsQuery = (collections: readonly Searched[], wanted: string) =>
  queryOptions({
    queryKey: keys.foundRecords(
      collections.map(({ name }) => name),
      wanted,
    ),
    queryFn: async ({ signal }) => {
      const searches = collections.slice(0, MAX_COLLECTIONS).map(async ({ name, fields }) => {
        const filter = toFilter(wanted, fields, []);
        const options = { filter, skipTotal: true, signal };
        const page = await client.collection(name).getList<StoredRecord>(1, PER_COLLECTION, options);
        return page.items.map((record) => ({ collection: name, record }));
      });
      // One collection that cannot be searched must not hide what the others have.
      const results = await Promise.allSettled(searches);
      return results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
    },
    staleTime: 10_000,
  });
