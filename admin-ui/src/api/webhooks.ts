/** Endpoints that hear of changes, and what was sent to them. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import { liveQuery } from "./live-query.ts";
import type {
  ApiWebhook,
  ApiWebhookAttempt,
  ApiWebhookDelivery,
  CreateWebhookAnswer,
  CreateWebhookBody,
  ListWebhookDeliveriesAnswer,
  ListWebhooksAnswer,
  PreviewWebhookAnswer,
  PreviewWebhookBody,
  ReplayWebhookAnswer,
  ReplayWebhookBody,
  RotateWebhookAnswer,
  RotateWebhookBody,
  TestWebhookBody,
  UpdateWebhookBody,
  ViewWebhookDeliveryAnswer,
} from "./types.gen.ts";

export type Webhook = ApiWebhook;
export type WebhookFormat = Webhook["format"];

/** The answer to creating one and to a new secret: the only two that tell the secret. */
export type WebhookWithSecret = CreateWebhookAnswer;

/** What may be set. A URL or a header that is left out or sent masked stays as it is stored. */
export type WebhookInput = UpdateWebhookBody;

export type Delivery = ApiWebhookDelivery;
export type DeliveryState = Delivery["state"];
export type Attempt = ApiWebhookAttempt;
export type DeliveryDetail = ViewWebhookDeliveryAnswer;

export type DeliverySelection = {
  webhook?: string;
  state?: DeliveryState;
  event?: string;
  record?: string;
  search?: string;
};

const PAGE_SIZE = 50;

export const webhooksQuery = () =>
  queryOptions({
    queryKey: keys.webhookList(),
    queryFn: async ({ signal }) => (await client.send<ListWebhooksAnswer>("/api/webhooks", { signal })).items,
    ...liveQuery,
  });

export const webhookQuery = (id: string) =>
  queryOptions({
    queryKey: keys.webhook(id),
    queryFn: ({ signal }) => client.send<Webhook>(webhookPath(id), { signal }),
    ...liveQuery,
  });

export function createWebhook(input: CreateWebhookBody): Promise<WebhookWithSecret> {
  return client.send<WebhookWithSecret>("/api/webhooks", { method: "POST", body: input });
}

export function updateWebhook(id: string, input: WebhookInput): Promise<Webhook> {
  return client.send<Webhook>(webhookPath(id), { method: "PATCH", body: input });
}

/** Its deliveries go with it. */
export function deleteWebhook(id: string): Promise<void> {
  return client.send(webhookPath(id), { method: "DELETE" });
}

/**
 * The old secret stays valid beside the new one for so many hours. Another kind of signature needs another key, so it
 * comes with a rotation.
 */
export function rotateSecret(id: string, rotation: RotateWebhookBody): Promise<WebhookWithSecret> {
  return client.send<RotateWebhookAnswer>(`${webhookPath(id)}/rotate`, { method: "POST", body: rotation });
}

/** Sends a real record now. Without an event and a record the server takes the first event and the newest record. */
export function testWebhook(id: string, what: TestWebhookBody): Promise<DeliveryDetail> {
  return client.send<DeliveryDetail>(`${webhookPath(id)}/test`, { method: "POST", body: what });
}

/** `matches`: the endpoint would hear of such a change. */
export type WebhookPreview = PreviewWebhookAnswer;

/** With an `id`, what is left out is as it is stored. Without a record it is the newest. */
export type WebhookPreviewInput = PreviewWebhookBody;

/** What would be sent. Nothing is sent. */
export const webhookPreviewQuery = (input: WebhookPreviewInput) =>
  queryOptions({
    queryKey: keys.webhookPreview(input),
    queryFn: ({ signal }) =>
      client.send<WebhookPreview>("/api/webhooks/preview", { method: "POST", body: input, signal }),
    retry: false,
    staleTime: 5_000,
    placeholderData: keepPreviousData,
  });

export const deliveriesQuery = (selection: DeliverySelection, page: number) =>
  queryOptions({
    queryKey: keys.deliveriesPage(selection, page),
    queryFn: ({ signal }) =>
      client.send<ListWebhookDeliveriesAnswer>("/api/webhooks/deliveries", {
        query: { ...selection, page, perPage: PAGE_SIZE },
        signal,
      }),
    ...liveQuery,
  });

export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: keys.delivery(id),
    queryFn: ({ signal }) => client.send<DeliveryDetail>(deliveryPath(id), { signal }),
    ...liveQuery,
  });

/** Makes it due now, under the same id. */
export function replayDelivery(id: string): Promise<Delivery> {
  return client.send<Delivery>(`${deliveryPath(id)}/replay`, { method: "POST" });
}

/** Returns how many are sent again. */
export async function replayDeliveries(id: string, replay: ReplayWebhookBody): Promise<number> {
  const answer = await client.send<ReplayWebhookAnswer>(`${webhookPath(id)}/replay`, { method: "POST", body: replay });
  return answer.replayed;
}

function webhookPath(id: string): string {
  return `/api/webhooks/${encodeURIComponent(id)}`;
}

function deliveryPath(id: string): string {
  return `/api/webhooks/deliveries/${encodeURIComponent(id)}`;
}
