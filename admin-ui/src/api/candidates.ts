/** The records that a relation may point to: by their ids, or found by a filter. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { Collection, StoredRecord } from "./types.ts";

const MAX_FOUND = 30;
/** So many ids fit into one filter. */
const IDS_PER_REQUEST = 100;

export const candidatesQuery = (target: Collection, filter: string) =>
  queryOptions({
    queryKey: keys.candidates(target.name, filter),
    queryFn: async ({ signal }) => {
      const sort = target.type === "view" ? "" : "-@rowid";
      const options = { filter, sort, skipTotal: true, signal };
      const page = await client.collection(target.name).getList<StoredRecord>(1, MAX_FOUND, options);
      return page.items;
    },
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  });

/** In the order of the ids; those that do not exist any more are left out. */
export const relatedQuery = (target: Collection | undefined, ids: readonly string[]) =>
  queryOptions({
    queryKey: keys.related(target?.name ?? "", ids),
    enabled: target !== undefined && ids.length > 0,
    queryFn: async ({ signal }) => {
      const found = new Map<string, StoredRecord>();
      for (let from = 0; from < ids.length; from += IDS_PER_REQUEST) {
        const some = ids.slice(from, from + IDS_PER_REQUEST);
        const filter = some.map((id) => `id = ${JSON.stringify(id)}`).join(" || ");
        const options = { filter, skipTotal: true, signal };
        const page = await client.collection(target?.name ?? "").getList<StoredRecord>(1, IDS_PER_REQUEST, options);
        for (const record of page.items) found.set(record.id, record);
      }
      return ids.map((id) => found.get(id)).filter((record) => record !== undefined);
    },
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  });
