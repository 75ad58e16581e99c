/** Changes to collections, and what the server can tell about a change before it is made. */

import { queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type {
  ApiCollectionPreview,
  ApiSchemaPreview,
  GenerateAppleClientSecretAnswer,
  GenerateAppleClientSecretBody,
  ImportCollectionsBody,
  ListOauth2ProvidersAnswer,
  ShowScaffoldsAnswer,
  TryViewAnswer,
} from "./types.gen.ts";
import type { Collection } from "./types.ts";

/** As it is now, past the cache. */
export function fetchCollection(id: string): Promise<Collection> {
  return client.send<Collection>(`/api/collections/${encodeURIComponent(id)}`, {});
}

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
export type ImportBody = Required<ImportCollectionsBody>;

export async function importCollections(body: ImportBody): Promise<void> {
  await client.send("/api/collections/import", { method: "PUT", body });
}

/** A blank collection of each type. */
export const scaffoldsQuery = () =>
  queryOptions({
    queryKey: keys.scaffolds(),
    queryFn: ({ signal }) => client.send<ShowScaffoldsAnswer>("/api/collections/meta/scaffolds", { signal }),
    // The blank of an auth collection has names of indexes that may be used only once.
    staleTime: 0,
    gcTime: 0,
  });

export type ProviderInfo = ListOauth2ProvidersAnswer[number];

export const providersQuery = () =>
  queryOptions({
    queryKey: keys.oauth2Providers(),
    queryFn: ({ signal }) => client.send<ProviderInfo[]>("/api/collections/meta/oauth2-providers", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const viewPreviewQuery = (query: string) =>
  queryOptions({
    queryKey: keys.viewPreview(query),
    queryFn: ({ signal }) =>
      client.send<TryViewAnswer>("/api/collections/meta/dry-run-view", { method: "POST", body: { query }, signal }),
    retry: false,
  });

// What a change would do to the data.

export type SchemaPreview = ApiSchemaPreview;
export type CollectionPreview = ApiCollectionPreview;

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
export type AppleKey = GenerateAppleClientSecretBody;

export async function makeAppleSecret(body: AppleKey): Promise<string> {
  const path = "/api/settings/apple/generate-client-secret";
  const { secret } = await client.send<GenerateAppleClientSecretAnswer>(path, { method: "POST", body });
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
