import { QueryClient } from "@tanstack/react-query";
import { explain } from "#api/errors.ts";

/** Only trouble that may pass by itself is worth asking again for. */
const PASSING = new Set(["offline", "server"]);
const MOST_RETRIES = 2;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < MOST_RETRIES && PASSING.has(explain(error).kind),
        // The browser's own idea of being online is wrong for a server on the same machine or network.
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}
