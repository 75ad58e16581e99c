/** What callers other than superusers may do, worked out by the server from the rules. */

import { queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";

/** For every record, for none, or depending on the record and the caller. `link` is for files: everyone who knows the address. */
export type Access = "open" | "closed" | "conditional" | "link";

export type ExposedAction = {
  action: "list" | "view" | "create" | "update" | "delete" | "manage" | "auth";
  rule: string | null;
  /** By the key of the caller. */
  access: Record<string, Access>;
  /** What is left of the rule for a caller, where that is shorter. */
  parts?: Record<string, string>;
};

export type ExposureWarning = {
  code: string;
  severity: "high" | "medium" | "info";
  message: string;
};

export type ExposedCollection = {
  id: string;
  name: string;
  type: "base" | "auth" | "view";
  system: boolean;
  actions: ExposedAction[];
  fields: { name: string; visibility: "shown" | "hidden" | "never" | "owner" }[];
  files: { field: string; isProtected: boolean; access: Record<string, Access> }[];
  warnings: ExposureWarning[];
};

export type Exposure = {
  /** Guests, and one for each collection of people who sign in. */
  callers: { key: string; collection: string | null }[];
  /** Collections in which a guest may make an account. */
  signUp: string[];
  collections: ExposedCollection[];
};

export const exposureQuery = () =>
  queryOptions({
    queryKey: keys.exposure(),
    queryFn: ({ signal }) => client.send<Exposure>("/api/exposure", { signal }),
  });
