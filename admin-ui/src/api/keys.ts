/** The one scheme of cache keys: from the general to the particular, so that a prefix empties everything below it. */

import type { InboundPreviewInput } from "./inbound.ts";
import type { JobSelection } from "./jobs.ts";
import type { RecordsQuery } from "./records.ts";
import type { DeliverySelection, WebhookPreviewInput } from "./webhooks.ts";

export const keys = {
  collections: () => ["collections"] as const,
  records: (collection: string) => ["records", collection] as const,
  recordsPage: (collection: string, query: RecordsQuery) => ["records", collection, "page", query] as const,
  recordsPages: (collection: string) => ["records", collection, "page"] as const,
  recordsCount: (collection: string, filter: string) => ["records", collection, "count", filter] as const,
  recordSearch: (collection: string, filter: string) => ["records", collection, "search", filter] as const,
  recordsCounts: (collection: string) => ["records", collection, "count"] as const,
  aggregatesOf: (collection: string) => ["records", collection, "aggregates"] as const,
  aggregates: (collection: string, filter: string, wanted: readonly string[]) =>
    ["records", collection, "aggregates", filter, wanted] as const,
  record: (collection: string, id: string) => ["records", collection, "one", id] as const,
  /** Below the collection that points there, so that its changes are noticed. */
  usedBy: (collection: string, field: string, id: string) => ["records", collection, "used-by", field, id] as const,
  related: (collection: string, ids: readonly string[]) => ["records", collection, "related", ids] as const,
  candidates: (collection: string, typed: string) => ["records", collection, "candidates", typed] as const,
  copyOf: (collection: string, id: string | undefined) => ["copy", collection, id] as const,
  keptAbout: (kind: string, collectionId: string, id: string) => ["kept-about", kind, collectionId, id] as const,
  /** The examples of the API page, below the collection they are of. */
  samples: (collection: string) => ["records", collection, "samples"] as const,
  fileToken: () => ["file-token"] as const,
  appName: () => ["settings", "app-name"] as const,
  scaffolds: () => ["scaffolds"] as const,
  oauth2Providers: () => ["oauth2-providers"] as const,
  viewPreview: (query: string) => ["view-preview", query] as const,
  parsedRule: (collection: string, rule: string) => ["parsed-rule", collection, rule] as const,
  importPreview: (body: object) => ["collections", "import-preview", body] as const,
  ruleWords: () => ["collections", "rule-words"] as const,
  settings: () => ["settings"] as const,
  health: () => ["health"] as const,
  /** Below the collections, because their types change with them. */
  types: (collection: string) => ["collections", "types", collection] as const,
  server: () => ["server"] as const,
  crons: () => ["crons"] as const,
  scripts: () => ["scripts"] as const,
  scriptFiles: () => ["scripts", "files"] as const,
  scriptFile: (name: string) => ["scripts", "file", name] as const,
  scriptCheck: (name: string, text: string) => ["scripts-check", name, text] as const,
  scriptLog: (file: string | undefined) => ["logs", "scripts", file] as const,
  jobs: () => ["jobs"] as const,
  jobsPage: (selection: JobSelection, page: number) => ["jobs", "page", selection, page] as const,
  jobNames: () => ["jobs", "names"] as const,
  job: (id: string) => ["jobs", "one", id] as const,
  /** The list, each endpoint, and all deliveries: what is sent changes the health of its endpoint. */
  webhooks: () => ["webhooks"] as const,
  webhookList: () => ["webhooks", "list"] as const,
  webhook: (id: string) => ["webhooks", "one", id] as const,
  webhookPreview: (input: WebhookPreviewInput) => ["webhook-preview", input] as const,
  deliveriesPage: (selection: DeliverySelection, page: number) => ["webhooks", "deliveries", selection, page] as const,
  delivery: (id: string) => ["webhooks", "delivery", id] as const,
  inbound: () => ["inbound"] as const,
  inboundList: () => ["inbound", "list"] as const,
  inboundOne: (id: string) => ["inbound", "one", id] as const,
  inboundPreview: (input: InboundPreviewInput) => ["inbound-preview", input] as const,
  backups: () => ["backups"] as const,
  logs: (filter: string, page: number) => ["logs", "list", filter, page] as const,
  logStats: (filter: string) => ["logs", "stats", filter] as const,
  superusers: () => ["superusers"] as const,
  exposure: () => ["collections", "exposure"] as const,
  templateSamples: (collections: readonly string[]) => ["samples", collections] as const,
  /** The list, and each of them. */
  imports: () => ["imports"] as const,
  import: (id: string) => ["imports", id] as const,
  linkMatches: (...question: unknown[]) => ["collections", "link-matches", ...question] as const,
};
