/**
 * Builds every address inside the dashboard. Addresses live behind `#`, so a path such as `/collections/posts` is
 * reached by the link `#/collections/posts`; `asHref` makes that step.
 */

import { writeQuery } from "./query-text.ts";

/** What of a records screen is in its address, so that a reload, a bookmark or a colleague sees the same thing. */
export type RecordsPlace = {
  /** What was typed into the search box: plain words or a filter expression. */
  filter?: string;
  /** A filter expression that was put together from drop-downs; what the search box says is asked for as well. */
  where?: string;
  /** Field names separated by commas, with a leading `-` for descending. */
  sort?: string;
  /** Id of the record whose panel is open. */
  record?: string;
  /** The panel makes a new record: an empty one, or a copy of `record`. */
  create?: "empty" | "copy";
};

/** What of the editor of a collection is in its address. */
export type SchemaPlace = {
  tab?: string;
  /** Name of the field that is open. */
  field?: string;
};

/** A new collection: of a type, or as a copy of another one. */
export type NewCollectionPlace = { type?: string; copy?: string };
/** Bringing in a file: into a collection that is known, or one that was uploaded already. */
export type ImportPlace = { into?: string; id?: string };

/** What of the log is in its address. */
export type LogsPlace = {
  /** What was typed into the search box: plain words or a filter expression. */
  filter?: string;
  /** Only warnings and errors. */
  trouble?: boolean;
  /** From 1. */
  page?: number;
};

/** What of the queue of jobs is in its address. */
export type JobsPlace = {
  state?: "waiting" | "running" | "failed";
  /** Only jobs of this name. */
  name?: string;
  /** From 1. */
  page?: number;
};

/** What of the scripts is in their address. */
export type ScriptsPlace = {
  tab?: "log" | "console";
  /** The file that is open. */
  file?: string;
  /** Where in it to look first, from 1. */
  line?: number;
};

/** Which deliveries are shown. */
export type DeliveriesPlace = {
  /** Over all endpoints: only those of this one. */
  webhook?: string;
  state?: "waiting" | "running" | "succeeded" | "failed";
  event?: string;
  /** Only those about this record. */
  record?: string;
  search?: string;
  /** From 1. */
  page?: number;
};

/** What of an endpoint is in its address. */
export type WebhookPlace = DeliveriesPlace & { tab?: "settings" | "signature" };

/** What of an incoming webhook is in its address. */
export type InboundPlace = { tab?: "settings" };

export const paths = {
  home: () => "/collections",
  signIn: (next?: string) => `/sign-in${writeQuery({ next })}`,
  records: (collection: string, place: RecordsPlace = {}) =>
    `/collections/${encodeURIComponent(collection)}${writeQuery(place)}`,
  schema: (place: SchemaPlace = {}) => `/schema${writeQuery(place)}`,
  /** How an app talks to the collection; `endpoint` is the one shown. */
  api: (collection: string, endpoint?: string) =>
    `/collections/${encodeURIComponent(collection)}/api${writeQuery({ endpoint })}`,
  editCollection: (collection: string, place: SchemaPlace = {}) =>
    `/schema/${encodeURIComponent(collection)}${writeQuery(place)}`,
  newCollection: (place: NewCollectionPlace = {}) => `/new-collection${writeQuery(place)}`,
  import: (place: ImportPlace = {}) => `/import${writeQuery(place)}`,
  settings: (tab?: string) => `/settings${writeQuery({ tab })}`,
  team: () => "/team",
  backups: () => "/backups",
  exposure: () => "/exposure",
  logs: (place: LogsPlace = {}) => `/logs${writeQuery(place)}`,
  crons: () => "/crons",
  scripts: (place: ScriptsPlace = {}) => `/scripts${writeQuery(place)}`,
  jobs: (place: JobsPlace = {}) => `/jobs${writeQuery(place)}`,
  webhooks: () => "/webhooks",
  newWebhook: () => "/webhooks/new",
  webhook: (id: string, place: WebhookPlace = {}) => `/webhooks/${encodeURIComponent(id)}${writeQuery(place)}`,
  deliveries: (place: DeliveriesPlace = {}) => `/webhooks/deliveries${writeQuery(place)}`,
  delivery: (webhook: string, id: string) =>
    `/webhooks/${encodeURIComponent(webhook)}/deliveries/${encodeURIComponent(id)}`,
  inboundList: () => "/webhooks/inbound",
  newInbound: () => "/webhooks/inbound/new",
  inbound: (id: string, place: InboundPlace = {}) => `/webhooks/inbound/${encodeURIComponent(id)}${writeQuery(place)}`,
  sql: () => "/sql",
};

export function asHref(path: string): string {
  return `#${path}`;
}

/** A remembered place is taken from the address bar, so only places inside the dashboard are accepted. */
export function isInsidePath(path: string | undefined): path is string {
  return path !== undefined && /^\/(?![/\\])/.test(path) && !path.startsWith("/sign-in");
}
