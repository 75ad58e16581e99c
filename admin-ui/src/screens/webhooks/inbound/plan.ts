/** What the draft, the sample and the collection give together: the source of each field, and the request. */

import type { Inbound, InboundInput, InboundPreviewInput, Mapped } from "#api/inbound.ts";
import type { Collection, Field } from "#api/types.ts";
import { type Body, contentTypeOf, readBody } from "#lib/inbound/body.ts";
import { type Leaf, leavesOf } from "#lib/inbound/leaves.ts";
import { PROVIDER_FACTS } from "#lib/inbound/providers.ts";
import { sampleOf } from "#lib/inbound/samples.ts";
import { suggestPaths } from "#lib/inbound/suggest.ts";
import { canBeMapped, type InboundDraft, type SecretDraft, type Source } from "./draft.ts";

type FieldRow = { field: Field; source: Source; isSuggested: boolean };

export type Plan = {
  collection: Collection | undefined;
  /** In the order of the collection, without those that keep the id or the whole message. */
  rows: FieldRow[];
  sample: string;
  sampleEvent: string;
  body: Body;
  leaves: Leaf[];
};

/** The sample that is shown, taken apart. */
export function readSample(sample: string): Pick<Plan, "sample" | "body" | "leaves"> {
  const body = readBody(sample);
  return { sample, body, leaves: "value" in body ? leavesOf(body.value) : [] };
}

export function sampleText({ sample, provider }: InboundDraft): string {
  return sample ?? sampleOf(provider).body;
}

export function planOf(
  draft: InboundDraft,
  collections: readonly Collection[],
  read = readSample(sampleText(draft)),
): Plan {
  const collection = collections.find(({ name }) => name === draft.collection);
  const { leaves } = read;
  const fields = (collection?.fields ?? []).filter(
    (field) => canBeMapped(field) && field.name !== draft.idField && field.name !== draft.rawField,
  );
  const open = fields.filter(({ name }) => !draft.sources.has(name));
  const suggested = draft.suggests ? suggestPaths(open, leaves) : new Map<string, string>();
  const rows = fields.map((field): FieldRow => {
    const path = suggested.get(field.name);
    const chosen = draft.sources.get(field.name);
    if (chosen) return { field, source: chosen, isSuggested: false };
    return {
      field,
      source: path === undefined ? { kind: "none" } : { kind: "path", path },
      isSuggested: path !== undefined,
    };
  });
  return { ...read, collection, rows, sampleEvent: draft.sampleEvent ?? sampleOf(draft.provider).event };
}

/** The fields that get a value, in the order in which they are sent. Errors come by their number. */
export function mappedFields({ rows }: Plan): string[] {
  return rows.filter(({ source }) => isGiven(source)).map(({ field }) => field.name);
}

function isGiven(source: Source): boolean {
  if (source.kind === "none") return false;
  return source.kind === "value" || source.path.trim() !== "";
}

/** `stored`: the one that is changed. `address`: the one that is shown for it. */
export function inputOf(draft: InboundDraft, plan: Plan, address: string, stored?: Inbound): InboundInput {
  const secrets = secretsOf(draft.secrets, stored);
  const isHmac = draft.provider === "hmac";
  const { header, algorithm, encoding, prefix } = draft;
  return {
    name: draft.name,
    provider: draft.provider,
    collection: draft.collection,
    ...(secrets && { secrets }),
    ...(plan.collection && { mapping: mappingOf(plan) }),
    idPath: draft.idPath.trim(),
    idField: draft.idField,
    eventPath: draft.eventPath.trim(),
    onlyEvents: draft.onlyEvents,
    rawField: draft.rawField,
    rememberDays: draft.rememberDays,
    ...(draft.toleranceSeconds !== null && { toleranceSeconds: draft.toleranceSeconds }),
    ...(PROVIDER_FACTS[draft.provider].signsAddress && { url: draft.url.trim() || address }),
    ...(isHmac && { header: header.trim(), algorithm, encoding, prefix }),
  };
}

export function previewInputOf(
  draft: InboundDraft,
  plan: Plan,
  address: string,
  stored?: Inbound,
): InboundPreviewInput {
  const { name: _name, secrets: _secrets, ...input } = inputOf(draft, plan, address, stored);
  const { eventHeader } = PROVIDER_FACTS[draft.provider];
  return {
    ...input,
    ...(stored && { id: stored.id }),
    sample: plan.sample,
    contentType: contentTypeOf(plan.sample),
    ...(eventHeader && plan.sampleEvent !== "" && { headers: { [eventHeader]: plan.sampleEvent } }),
  };
}

function mappingOf({ rows }: Plan): Mapped[] {
  return rows.flatMap(({ field, source }): Mapped[] => {
    if (source.kind === "none" || !isGiven(source)) return [];
    const { name } = field;
    return [
      source.kind === "value"
        ? { field: name, value: typedValue(field, source.text) }
        : { field: name, path: source.path.trim() },
    ];
  });
}

/** What was typed as a value of the field. The server says what is wrong with it. */
function typedValue({ type }: Field, text: string): unknown {
  if (type === "number" && text.trim() !== "" && !Number.isNaN(Number(text))) return Number(text);
  if (type === "bool" && (text === "true" || text === "false")) return text === "true";
  if (type !== "json" && type !== "geoPoint") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Without those that nothing was typed into. Errors come by their number. */
export function sentSecrets(secrets: readonly SecretDraft[]): SecretDraft[] {
  return secrets.filter((secret) => secret.kind === "stored" || secret.text.trim() !== "");
}

/** None while those that are stored stay as they are. */
function secretsOf(secrets: readonly SecretDraft[], stored: Inbound | undefined): InboundInput["secrets"] {
  const given = sentSecrets(secrets);
  const isSame = given.length === stored?.secrets.length && given.every(({ kind }) => kind === "stored");
  if (stored && isSame) return undefined;
  return given.map((secret) => (secret.kind === "stored" ? { id: secret.id } : secret.text.trim()));
}
