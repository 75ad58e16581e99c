/** Gathers what the examples are made of: real names, and records that are there. */

import type { Collection, Rule, StoredRecord } from "#api/types.ts";
import type { CodeContext, SignsIn } from "./code-context.ts";
import { ENDPOINTS, type EndpointId, endpointsOf } from "./endpoints.ts";
import { createExample, type Samples, updateExample } from "./example-values.ts";

const SUPERUSER: SignsIn = { collection: "_superusers", identity: "you@example.com" };

type ContextSource = {
  address: string;
  collection: Collection;
  collections: readonly Collection[];
  samples: Samples;
  /** A person of an auth collection to sign in as, by collection name. */
  people: Readonly<Record<string, StoredRecord>>;
};

export function makeContext({ address, collection, collections, samples, people }: ContextSource): CodeContext {
  const { fields } = collection;
  const named = fields.find(
    ({ type, system, primaryKey, hidden }) => type === "text" && !system && !primaryKey && !hidden,
  );
  const number = fields.find(({ type, hidden }) => type === "number" && !hidden);
  const own = samples.own;
  const file = fields.find((field) => field.type === "file" && own !== undefined && firstName(own[field.name]) !== "");
  const anyFile = file ?? fields.find(({ type }) => type === "file");
  return {
    address,
    collection,
    id: own?.id ?? "RECORD_ID",
    create: createExample(collection, samples),
    update: updateExample(collection, samples),
    filter: number ? `${number.name} >= 0` : named ? `${named.name} != ""` : "",
    sort: fields.some(({ name }) => name === "created") ? "-created" : (named?.name ?? ""),
    expand: fields.find(({ type, hidden }) => type === "relation" && !hidden)?.name ?? "",
    file: anyFile && { field: anyFile, name: own ? firstName(own[anyFile.name]) : "" },
    email: emailOf(people[collection.name]) ?? "ana@example.com",
    signsIn: whoSignsIn(collection, collections, people),
  };
}

/** The least that the endpoint's rule asks for: nobody, somebody, or a superuser. */
function whoSignsIn(
  collection: Collection,
  collections: readonly Collection[],
  people: ContextSource["people"],
): Record<EndpointId, SignsIn> {
  const own = personOf(collection.name, people);
  const access = new Map(endpointsOf(collection).map((endpoint) => [endpoint.id, endpoint.access]));
  const personFor = (rule: Rule): SignsIn => {
    if (rule === null) return SUPERUSER;
    if (!rule.includes("@request.auth")) return null;
    const named = /@request\.auth\.collectionName\s*=\s*["'](\w+)["']/.exec(rule)?.[1];
    const first = collections.find(({ type, system }) => type === "auth" && !system)?.name ?? "users";
    return personOf(named ?? (collection.type === "auth" ? collection.name : first), people);
  };
  const entries = ENDPOINTS.map((id) => {
    const needed = access.get(id);
    if (needed === "superusers") return [id, SUPERUSER];
    if (needed === "signed-in") return [id, own];
    return [id, typeof needed === "object" ? personFor(strictest(id, collection, needed.rule)) : null];
  });
  return Object.fromEntries(entries);
}

/** Some examples make several calls. */
function strictest(id: EndpointId, { createRule, updateRule = null, deleteRule = null }: Collection, rule: Rule): Rule {
  const rules = id === "delete" ? [createRule, deleteRule] : id === "batch" ? [createRule, updateRule] : [rule];
  if (rules.includes(null)) return null;
  return rules.join(" && ");
}

function personOf(collection: string, people: ContextSource["people"]): SignsIn {
  if (collection === "_superusers") return SUPERUSER;
  return { collection, identity: emailOf(people[collection]) ?? "ana@example.com" };
}

function emailOf(person: StoredRecord | undefined): string | undefined {
  return typeof person?.email === "string" && person.email !== "" ? person.email : undefined;
}

function firstName(value: unknown): string {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" ? first : "";
}
