/** An incoming webhook while it is filled in. */

import type { Inbound, Mapped } from "#api/inbound.ts";
import type { Collection, Field } from "#api/types.ts";
import { isProvider, type Provider } from "#lib/inbound/providers.ts";
import { rebase } from "#lib/rebase.ts";

/** Where the value of a field comes from. `typed` is a path that somebody writes, and not one of those in the sample. */
export type Source =
  | { kind: "none" }
  | { kind: "path"; path: string }
  | { kind: "typed"; path: string }
  | { kind: "value"; text: string };

/** A stored secret is not told by the server. */
export type SecretDraft = { kind: "stored"; id: string; created: string } | { kind: "new"; text: string };

export type InboundDraft = {
  /** Empty for the suggested one. */
  name: string;
  provider: Provider;
  secrets: SecretDraft[];
  /** Its name. */
  collection: string;
  /** By field: what somebody has chosen. */
  sources: ReadonlyMap<string, Source>;
  /** The other fields get a likely place. */
  suggests: boolean;
  /** `null` for the example of the sender. */
  sample: string | null;
  /** What the header with the event says in the sample; `null` as in the example. */
  sampleEvent: string | null;
  idPath: string;
  idField: string;
  eventPath: string;
  onlyEvents: string[];
  rawField: string;
  rememberDays: number;
  /** `null` for what is usual. */
  toleranceSeconds: number | null;
  /** The address that the sender signs; empty for the one that is shown. */
  url: string;
  header: string;
  algorithm: Inbound["algorithm"];
  encoding: Inbound["encoding"];
  prefix: string;
};

export const NEW_DRAFT: InboundDraft = {
  name: "",
  provider: "stripe",
  secrets: [{ kind: "new", text: "" }],
  collection: "",
  sources: new Map(),
  suggests: true,
  sample: null,
  sampleEvent: null,
  idPath: "",
  idField: "",
  eventPath: "",
  onlyEvents: [],
  rawField: "",
  rememberDays: 7,
  toleranceSeconds: null,
  url: "",
  header: "X-Signature",
  algorithm: "sha256",
  encoding: "hex",
  prefix: "",
};

/** `address` is the one that is shown for it. */
export function draftOf(inbound: Inbound, address: string): InboundDraft {
  const { provider, mapping, secrets, url } = inbound;
  return {
    ...NEW_DRAFT,
    name: inbound.name,
    provider: isProvider(provider) ? provider : "hmac",
    secrets: secrets.map(({ id, created }) => ({ kind: "stored", id, created })),
    collection: inbound.collection,
    sources: new Map(mapping.map((one) => [one.field, sourceOf(one)])),
    suggests: false,
    idPath: inbound.idPath,
    idField: inbound.idField,
    eventPath: inbound.eventPath,
    onlyEvents: inbound.onlyEvents,
    rawField: inbound.rawField,
    rememberDays: inbound.rememberDays,
    toleranceSeconds: inbound.toleranceSeconds,
    url: url === address ? "" : url,
    header: inbound.header || NEW_DRAFT.header,
    algorithm: inbound.algorithm || NEW_DRAFT.algorithm,
    encoding: inbound.encoding || NEW_DRAFT.encoding,
    prefix: inbound.prefix,
  };
}

function sourceOf({ path, value }: Mapped): Source {
  if (path !== undefined) return { kind: "path", path };
  return { kind: "value", text: typeof value === "string" ? value : JSON.stringify(value ?? null) };
}

/** After `sent` was saved as `saved`: what was typed since, and what is stored for the rest. The sample is not stored. */
export function afterSave(now: InboundDraft, sent: InboundDraft, saved: InboundDraft): InboundDraft {
  const next = rebase(now, sent, saved);
  // Suggestions fill in the sources that were left open.
  const { suggests } = now.sources === sent.sources ? next : now;
  return { ...next, suggests, sample: now.sample, sampleEvent: now.sampleEvent };
}

/** Another sender has other secrets and other events. Those that are stored come back with their sender. */
export function withProvider(draft: InboundDraft, provider: Provider, stored: Inbound | undefined): InboundDraft {
  if (provider === draft.provider) return draft;
  const kept: SecretDraft[] =
    stored?.provider === provider ? stored.secrets.map(({ id, created }) => ({ kind: "stored", id, created })) : [];
  return {
    ...draft,
    provider,
    secrets: kept.length > 0 ? kept : NEW_DRAFT.secrets,
    sampleEvent: null,
    onlyEvents: stored?.provider === provider ? stored.onlyEvents : [],
    toleranceSeconds: stored?.provider === provider ? stored.toleranceSeconds : null,
  };
}

const ID_NAMES = /^(event|message|webhook|external|provider)_?id$/i;
const RAW_NAMES = /^(raw|payload|raw_?(body|message|data)|message_?body)$/i;

/** Choices for fields of the same name stay. */
export function withCollection(draft: InboundDraft, collection: Collection | undefined): InboundDraft {
  const fields = collection?.fields ?? [];
  const names = new Set(fields.map(({ name }) => name));
  const find = (pattern: RegExp, canKeep: (field: Field) => boolean, before: string) =>
    names.has(before) ? before : (fields.find((field) => pattern.test(field.name) && canKeep(field))?.name ?? "");
  return {
    ...draft,
    collection: collection?.name ?? "",
    sources: new Map([...draft.sources].filter(([name]) => names.has(name))),
    suggests: true,
    idField: find(ID_NAMES, canKeepId, draft.idField),
    rawField: find(RAW_NAMES, canKeepRaw, draft.rawField),
  };
}

/** What the server can write messages into. */
export function canReceive({ system, type }: Collection): boolean {
  return type === "base" && !system;
}

const UNFIT = new Set(["autodate", "password", "file"]);

export function canBeMapped({ type, primaryKey }: Field): boolean {
  return primaryKey !== true && !UNFIT.has(type);
}

export function canKeepId({ type, primaryKey }: Field): boolean {
  return primaryKey !== true && (type === "text" || type === "number");
}

export function canKeepRaw({ type, primaryKey }: Field): boolean {
  return primaryKey !== true && (type === "json" || type === "text" || type === "editor");
}
