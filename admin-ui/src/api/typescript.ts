/** The collections as TypeScript, as the server and the command `steading types ts` write them. */

import { queryOptions } from "@tanstack/react-query";
import { errorOf } from "./answer-error.ts";
import { client, session } from "./client.ts";
import { keys } from "./keys.ts";

/** Of one collection only its own types; of all, the file with the typed client. The library reads answers as JSON, so it is not used. */
export async function typescriptTypes(collection?: string, signal?: AbortSignal): Promise<string> {
  const query = collection === undefined ? "" : `?${new URLSearchParams({ collection })}`;
  return await session.run(async () => {
    const headers = { Authorization: client.authStore.token };
    const response = await fetch(client.buildURL(`/api/types/ts${query}`), { headers, signal: signal ?? null });
    if (!response.ok) throw await errorOf(response);
    return await response.text();
  }, signal);
}

export const typesQuery = (collection: string) =>
  queryOptions({
    queryKey: keys.types(collection),
    queryFn: ({ signal }) => typescriptTypes(collection, signal),
    staleTime: 30_000,
  });
