/** Sums and counts over all records that a filter finds. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { AggregateRecordsAnswer } from "./types.gen.ts";

export type Aggregates = AggregateRecordsAnswer["values"];

/** `wanted` holds entries as `price:sum`. */
export const aggregatesQuery = (collection: string, filter: string, wanted: readonly string[]) =>
  queryOptions({
    queryKey: keys.aggregates(collection, filter, wanted),
    queryFn: async ({ signal }): Promise<Aggregates> => {
      const path = `/api/collections/${encodeURIComponent(collection)}/aggregate`;
      const query = { filter, fields: wanted.join(",") };
      const answer = await client.send<AggregateRecordsAnswer>(path, { query, signal });
      return answer.values;
    },
    staleTime: 10_000,
    placeholderData: keepPreviousData,
  });
