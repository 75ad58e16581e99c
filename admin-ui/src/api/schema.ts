/** Changes to collections, and what the server can tell about a change before it is made. */

import { queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { Collection, CollectionType, Field, StoredRecord } from "./types.ts";

export function createCollection(body: Partial<Collection>): Promise<Collection> {
  return client.send<Collection>("/api/collections", { method: "POST", body });
}

export function updateCollection(id: string, body: Partial<Collection>): Promise<Collection> {
  return client.send<Collection>(`/api/collections/${encodeURIComponent(id)}`, { method: "PATCH", body });
}

export async function deleteCollection(id: string): Promise<void> {
  await client.collections.delete(id);
}

/** Deletes all records of the collection. */
export async function truncateCollection(id: string): Promise<void> {
  await client.collections.truncate(id);
}

/** The body of an import. Definitions come from a file, so only the server knows whether they are any good. */
export type ImportBody = { collections: { [key: string]: unknown }[]; deleteMissing: boolean };

export async function importCollections(body: ImportBody): Promise<void> {
  await client.send("/api/collections/import", { method: "PUT", body });
}

/** A blank collection of each type. */
export const scaffoldsQuery = () =>
  queryOptions({
    queryKey: keys.scaffolds(),
    queryFn: ({ signal }) =>
      client.send<Record<CollectionType, Collection>>("/api/collections/meta/scaffolds", { signal }),
    // The blank of an auth collection has names of indexes that may be used only once.
    staleTime: 0,
    gcTime: 0,
  });

export type ProviderInfo = { name: string; displayName: string; logo: string };

export const providersQuery = () =>
  queryOptions({
    queryKey: keys.oauth2Providers(),
    queryFn: ({ signal }) => client.send<ProviderInfo[]>("/api/collections/meta/oauth2-providers", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export type ViewPreview = { fields: Field[]; sample: StoredRecord[] };

export const viewPreviewQuery = (query: string) =>
  queryOptions({
    queryKey: keys.viewPreview(query),
    queryFn: ({ signal }) =>
      client.send<ViewPreview>("/api/collections/meta/dry-run-view", { method: "POST", body: { query }, signal }),
    retry: false,
  });

// What a change would do to the data.

type FieldPreview = {
  action: "add" | "remove" | "rename" | "change";
  id: string;
  name: string;
  type: string;
  oldName?: string | null;
  /** The type of the field of the same name whose values are not taken along. */
  replaces?: string;
  /** Records in which it is not empty; `null` when counting took too long. */
  filled?: number | null;
  dropped?: number | null;
  cut?: number | null;
  conversion?: "listToSingle" | "singleToList";
  violations?: {
    count: number | null;
    isExact: boolean;
    examples: { id: string; value: unknown; code: string; message: string }[];
  };
};

type IndexPreview = {
  action: "add" | "remove" | "change";
  name: string;
  sql: string;
  isUnique: boolean;
  duplicates?: {
    groups: number | null;
    records: number | null;
    isExact: boolean;
    examples: { values: Record<string, unknown>; count: number; ids: string[] }[];
  } | null;
};

export type CollectionPreview = {
  id: string;
  name: string;
  oldName: string | null;
  type: CollectionType;
  action: "create" | "update" | "delete";
  /** Not named in the request, but changed with it. */
  isRequested: boolean;
  records: number | null;
  fields: FieldPreview[];
  indexes: IndexPreview[];
  rules: { name: string; before: string | null; after: string | null }[];
};

export type SchemaPreview = {
  isAllowed: boolean;
  /** The answer that saving would give. */
  error: { status: number; message: string; data: Record<string, unknown> } | null;
  losesData: boolean;
  isComplete: boolean;
  collections: CollectionPreview[];
};

/** `id` is none for a new collection. */
export function previewCollection(id: string | undefined, body: Partial<Collection>): Promise<SchemaPreview> {
  const path = id === undefined ? "/api/collections/preview" : `/api/collections/${encodeURIComponent(id)}/preview`;
  return client.send<SchemaPreview>(path, { method: "POST", body });
}

export const importPreviewQuery = (body: ImportBody) =>
  queryOptions({
    queryKey: keys.importPreview(body),
    queryFn: ({ signal }) =>
      client.send<SchemaPreview>("/api/collections/import/preview", { method: "PUT", body, signal }),
    retry: false,
  });

/** What Apple's sign-in needs as its secret. `duration` in seconds. */
export type AppleKey = { clientId: string; teamId: string; keyId: string; privateKey: string; duration: number };

export async function makeAppleSecret(body: AppleKey): Promise<string> {
  const path = "/api/settings/apple/generate-client-secret";
  const { secret } = await client.send<{ secret: string }>(path, { method: "POST", body });
  return secret;
}

/** What mails call the app, and where its links lead. */
export const appNameQuery = () =>
  queryOptions({
    queryKey: keys.appName(),
    queryFn: async ({ signal }) => {
      const { meta } = await client.settings.getAll({ fields: "meta.appName,meta.appURL", signal });
      return { name: String(meta?.appName ?? ""), url: String(meta?.appURL ?? "") };
    },
    staleTime: 60_000,
  });
