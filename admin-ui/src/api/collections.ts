/** The collections: what they are called and which fields they have. */

import { queryOptions } from "@tanstack/react-query";
import { byName } from "#lib/natural-order.ts";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { Collection } from "./types.ts";

export const collectionsQuery = () =>
  queryOptions({
    queryKey: keys.collections(),
    queryFn: async ({ signal }) => {
      const all = await client.collections.getFullList<Collection & { [key: string]: unknown }>({ signal });
      return all.sort(byName);
    },
    staleTime: 30_000,
  });

/** A collection answers to its name in any letter case, and to its id. */
export function findCollection(collections: readonly Collection[], nameOrId: string): Collection | undefined {
  const lower = nameOrId.toLowerCase();
  return collections.find((collection) => collection.id === nameOrId || collection.name.toLowerCase() === lower);
}
