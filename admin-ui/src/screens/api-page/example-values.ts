/** Values that the server accepts, for the examples. */

import type { Collection, Field, StoredRecord } from "#api/types.ts";

/** So many fields show how it goes on. Those that are required come on top. */
const MAX_OPTIONAL = 6;

export type Samples = {
  /** A record of the collection itself. */
  own: StoredRecord | undefined;
  /** Ids of records that relations may point to, by collection id. */
  targets: Readonly<Record<string, string>>;
  /** Makes values that must be unique differ from visit to visit. */
  suffix: string;
};

export function createExample(collection: Collection, samples: Samples): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  let optional = 0;
  for (const field of collection.fields) {
    if (field.primaryKey || field.type === "autodate" || (field.system && collection.type === "auth")) continue;
    if (field.hidden && !field.required) continue;
    const value = exampleValue(field, samples);
    if (value === undefined || (!field.required && optional >= MAX_OPTIONAL)) continue;
    if (!field.required) optional++;
    values[field.name] = value;
  }
  if (collection.type !== "auth") return values;
  return {
    email: `ana.${samples.suffix}@example.com`,
    password: PASSWORD,
    passwordConfirm: PASSWORD,
    ...values,
  };
}

/** What the examples sign in with. People have to put their own in. */
export const PASSWORD = "your password";

/** A change that changes nothing when it is tried as it stands: a field with the value that it has. */
export function updateExample(collection: Collection, samples: Samples): Record<string, unknown> {
  const field = collection.fields.find(
    ({ type, system, primaryKey, hidden }) => !system && !primaryKey && !hidden && CHANGED.has(type),
  );
  if (!field) return {};
  const stored = samples.own?.[field.name];
  return { [field.name]: stored ?? exampleValue(field, samples) };
}

const CHANGED = new Set(["text", "number", "bool", "date", "email", "url", "select", "editor", "json", "geoPoint"]);

/** `undefined` where there is nothing to put in. */
export function exampleValue(field: Field, samples: Samples): unknown {
  switch (field.type) {
    case "text":
      return textExample(field, samples);
    case "editor":
      return "<p>Hello</p>";
    case "number":
      return numberExample(field);
    case "bool":
      return true;
    case "email":
      return `ana.${samples.suffix}@${field.onlyDomains?.[0] ?? "example.com"}`;
    case "url":
      return `https://${field.onlyDomains?.[0] ?? "example.com"}/${samples.suffix}`;
    case "date":
      return String(field.min || field.max || "") || "2026-12-31 10:00:00.000Z";
    case "select":
      return isMultiple(field) ? field.values?.slice(0, Math.max(1, field.minSelect ?? 1)) : field.values?.[0];
    case "relation": {
      const id = samples.targets[field.collectionId ?? ""] ?? (field.required ? "RECORD_ID" : undefined);
      return id !== undefined && isMultiple(field) ? [id] : id;
    }
    case "json":
      return { any: ["value"] };
    case "geoPoint":
      return { lon: 11.575, lat: 48.137 };
    case "password":
      return PASSWORD;
    default:
      return undefined;
  }
}

function textExample(field: Field, { own, suffix }: Samples): unknown {
  if (field.autogeneratePattern) return undefined;
  // A value that fits the pattern is easier to borrow than to invent.
  if (field.pattern) return own?.[field.name] || undefined;
  const max = typeof field.max === "number" && field.max > 0 ? field.max : 100;
  const min = typeof field.min === "number" ? field.min : 0;
  return `Example ${suffix}`.slice(0, max).padEnd(min, ".");
}

function numberExample({ min, max, onlyInt }: Field): number {
  const low = typeof min === "number" ? min : undefined;
  const high = typeof max === "number" ? max : undefined;
  const wish = Math.max(low ?? 42, Math.min(high ?? 42, 42));
  return onlyInt ? Math.round(wish) : wish;
}

function isMultiple(field: Field): boolean {
  return (field.maxSelect ?? 1) > 1;
}
