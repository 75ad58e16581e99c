/** What the examples are made of. */

import type { Collection, Field } from "#api/types.ts";
import type { EndpointId } from "./endpoints.ts";

/** Who the example signs in as before its call. */
export type SignsIn = { collection: string; identity: string } | null;

export type CodeContext = {
  /** Where the server is. */
  address: string;
  collection: Collection;
  /** Of a record there is; `RECORD_ID` while there is none. */
  id: string;
  create: Record<string, unknown>;
  update: Record<string, unknown>;
  /** A filter that fits the collection, or none. */
  filter: string;
  sort: string;
  /** A relation to follow, or none. */
  expand: string;
  file: { field: Field; name: string } | undefined;
  /** Somebody of an auth collection. */
  email: string;
  signsIn: Record<EndpointId, SignsIn>;
};

/** One text per endpoint. */
export type Writer = Record<EndpointId, (context: CodeContext) => string>;

/** The last call of a sign-in, with what the person typed in. */
export const PERSON_TOKEN = "TOKEN_FROM_THE_MAIL";
