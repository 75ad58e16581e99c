/** What callers other than superusers may do, worked out by the server from the rules. */

import { queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { ApiExposedCollection, ApiExposure } from "./types.gen.ts";

export type Exposure = ApiExposure;
export type ExposedCollection = ApiExposedCollection;
export type ExposedAction = ExposedCollection["actions"][number];
export type ExposureWarning = ExposedCollection["warnings"][number];

/** For every record, for none, or depending on the record and the caller. `link` is for files: everyone who knows the address. */
export type Access = ExposedCollection["files"][number]["access"][string];

export const exposureQuery = () =>
  queryOptions({
    queryKey: keys.exposure(),
    queryFn: ({ signal }) => client.send<Exposure>("/api/exposure", { signal }),
  });
