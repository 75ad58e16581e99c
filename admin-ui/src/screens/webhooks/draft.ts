/** An endpoint while it is filled in, and the request that is made of it. */

import type { Webhook, WebhookFormat, WebhookInput } from "#api/webhooks.ts";
import { rebase } from "#lib/rebase.ts";
import { type Listening, readEvents, writeEvents } from "#lib/webhooks/events.ts";

/** A header that is stored has no value here: it is a secret that the server does not tell. */
export type HeaderDraft = { name: string; value: string; isStored: boolean };

export type WebhookDraft = {
  name: string;
  format: WebhookFormat;
  /** As it is typed. Empty while the stored one is kept. */
  url: string;
  /** What the server tells of the stored address. Empty for none, and when it is being replaced. */
  storedUrl: string;
  listening: Listening[];
  filter: string;
  changed: string[];
  fields: string;
  expand: string;
  headers: HeaderDraft[];
  template: string;
  contentType: string;
  order: Webhook["order"];
  concurrency: number;
  timeoutSeconds: number;
  signature: Webhook["signature"];
};

export const NEW_DRAFT: WebhookDraft = {
  name: "",
  format: "slack",
  url: "",
  storedUrl: "",
  listening: [{ collection: "", actions: ["create"] }],
  filter: "",
  changed: [],
  fields: "",
  expand: "",
  headers: [],
  template: "",
  contentType: "application/json",
  order: "record",
  concurrency: 4,
  timeoutSeconds: 15,
  signature: "v1",
};

const MAILTO = "mailto:";

export function draftOf(webhook: Webhook): WebhookDraft {
  const isMail = webhook.format === "email";
  const listening = readEvents(webhook.events);
  return {
    name: webhook.name,
    format: webhook.format,
    url: isMail ? webhook.url.replace(MAILTO, "") : "",
    storedUrl: isMail ? "" : webhook.url,
    listening: listening.length > 0 ? listening : NEW_DRAFT.listening,
    filter: webhook.filter,
    changed: webhook.changed,
    fields: webhook.fields,
    expand: webhook.expand,
    headers: Object.keys(webhook.headers).map((name) => ({ name, value: "", isStored: true })),
    template: webhook.template,
    contentType: webhook.contentType,
    order: webhook.order,
    concurrency: webhook.concurrency,
    timeoutSeconds: webhook.timeoutSeconds,
    signature: webhook.signature,
  };
}

/** After `sent` was saved: what was typed since, and what is stored for the rest. A typed address hides the stored one. */
export function afterSave(now: WebhookDraft, sent: WebhookDraft, saved: Webhook): WebhookDraft {
  const next = rebase(now, sent, draftOf(saved));
  return { ...next, storedUrl: next.url === "" ? next.storedUrl : "" };
}

/** `stored`: the endpoint that is changed. Its address and its headers stay where they were not typed again. */
export function inputOf(draft: WebhookDraft, stored?: Webhook): WebhookInput {
  const isUpdated = draft.listening.some(({ actions }) => actions.includes("update"));
  return {
    name: draft.name.trim(),
    ...(draft.storedUrl === "" && { url: urlOf(draft) }),
    events: writeEvents(draft.listening),
    filter: draft.filter.trim(),
    changed: isUpdated ? draft.changed : [],
    fields: draft.fields.trim(),
    expand: draft.expand.trim(),
    headers: headersOf(draft.headers, stored),
    format: draft.format,
    template: draft.format === "json" ? "" : draft.template,
    contentType: draft.contentType.trim(),
    order: draft.order,
    concurrency: draft.concurrency,
    timeoutSeconds: draft.timeoutSeconds,
    // Another one comes with another key, that is by a rotation.
    ...(!stored && { signature: draft.signature }),
  };
}

function urlOf({ format, url }: WebhookDraft): string {
  const typed = url.trim();
  return format === "email" && typed !== "" ? `${MAILTO}${typed}` : typed;
}

function headersOf(headers: readonly HeaderDraft[], stored: Webhook | undefined): Record<string, string> {
  const named = headers.filter(({ name }) => name.trim() !== "");
  return Object.fromEntries(
    named.map(({ name, value }) => {
      const typed = name.trim();
      // The mask stands for what is stored.
      return [typed, value === "" ? (stored?.headers[typed] ?? "") : value];
    }),
  );
}

/** The address of another kind of receiver is of no use, so it has to be entered again; a stored one can come back. */
export function withFormat(draft: WebhookDraft, format: WebhookFormat, stored: Webhook | undefined): WebhookDraft {
  if (format === draft.format) return draft;
  const place = (one: WebhookFormat) => (one === "template" ? "json" : one);
  const isSamePlace = place(format) === place(draft.format);
  const isStoredPlace = stored !== undefined && stored.format !== "email" && place(format) === place(stored.format);
  return {
    ...draft,
    format,
    url: isSamePlace ? draft.url : "",
    storedUrl: isSamePlace ? draft.storedUrl : isStoredPlace ? stored.url : "",
  };
}

/** Adds the relation to those that are sent along. */
export function withExpand(draft: WebhookDraft, path: string): WebhookDraft {
  const paths = draft.expand
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
  return paths.includes(path) ? draft : { ...draft, expand: [...paths, path].join(",") };
}
