/** Endpoints that receive what other services send, and make records of it. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import { liveQuery } from "./live-query.ts";
import type {
  ApiInbound,
  CreateInboundBody,
  ListInboundAnswer,
  PreviewInboundAnswer,
  PreviewInboundBody,
  UpdateInboundBody,
} from "./types.gen.ts";
import type { StoredRecord } from "./types.ts";

export type Inbound = ApiInbound;
export type Mapped = Inbound["mapping"][number];

/** Secrets are new ones as text, and ids of stored ones that stay. Left out, they stay as they are. */
export type InboundInput = UpdateInboundBody;

/** With an `id`, what is left out is as it is stored. */
export type InboundPreviewInput = PreviewInboundBody;
export type InboundPreview = PreviewInboundAnswer;

export const inboundListQuery = () =>
  queryOptions({
    queryKey: keys.inboundList(),
    queryFn: async ({ signal }) => (await client.send<ListInboundAnswer>("/api/inbound", { signal })).items,
    ...liveQuery,
  });

export const inboundQuery = (id: string) =>
  queryOptions({
    queryKey: keys.inboundOne(id),
    queryFn: ({ signal }) => client.send<Inbound>(pathOf(id), { signal }),
    ...liveQuery,
  });

export function createInbound(input: CreateInboundBody): Promise<Inbound> {
  return client.send<Inbound>("/api/inbound", { method: "POST", body: input });
}

export function updateInbound(id: string, input: InboundInput): Promise<Inbound> {
  return client.send<Inbound>(pathOf(id), { method: "PATCH", body: input });
}

export function deleteInbound(id: string): Promise<void> {
  return client.send(pathOf(id), { method: "DELETE" });
}

/** What would become of a message. Nothing is stored, and no signature is checked. */
export const inboundPreviewQuery = (input: InboundPreviewInput) =>
  queryOptions({
    queryKey: keys.inboundPreview(input),
    queryFn: ({ signal }) =>
      client.send<InboundPreview>("/api/inbound/preview", { method: "POST", body: input, signal }),
    retry: false,
    staleTime: 5_000,
    // Each holds a whole message.
    gcTime: 10_000,
    placeholderData: keepPreviousData,
  });

/** The newest message that a field of its collection keeps, as text; `null` if there is none. */
export async function fetchLastMessage({ collection, rawField }: Inbound): Promise<string | null> {
  const options = { sort: "-@rowid", fields: rawField, filter: `${rawField} != ""`, skipTotal: true };
  const { items } = await client.collection(collection).getList<StoredRecord>(1, 1, options);
  const value: unknown = items[0]?.[rawField];
  if (value === undefined || value === null || value === "") return null;
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function pathOf(id: string): string {
  return `/api/inbound/${encodeURIComponent(id)}`;
}
