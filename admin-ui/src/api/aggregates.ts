/** Sums and counts over all records that a filter finds. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ClientResponseError } from "pocketbase";
import { client } from "./client.ts";
import { keys } from "./keys.ts";

export type Aggregates = Record<string, string | number | null>;

/** A server that does not know the address is not asked again. */
let isUnknown = false;

/** `wanted` holds entries as `price:sum`. A server that does not know how gives `null`. */
export const aggregatesQuery = (collection: string, filter: string, wanted: readonly string[]) =>
  queryOptions({
    queryKey: keys.aggregates(collection, filter, wanted),
    queryFn: async ({ signal }): Promise<Aggregates | null> => {
      if (isUnknown) return null;
      const path = `/api/collections/${encodeURIComponent(collection)}/aggregate`;
      try {
        const answer = await client.send<{ values: Aggregates }>(path, {
          query: { filter, fields: wanted.join(",") },
          signal,
        });
        return answer.values;
      } catch (error) {
        if (!(error instanceof ClientResponseError) || error.status !== 404) throw error;
        isUnknown = true;
        return null;
      }
    },
    staleTime: 10_000,
    placeholderData: keepPreviousData,
  });
