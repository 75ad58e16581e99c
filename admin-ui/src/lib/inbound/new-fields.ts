/** Fields for the values of a message, for somebody who has no collection for them yet. */

import type { Leaf } from "./leaves.ts";
import type { Provider } from "./providers.ts";
import { isDate, saysSomething } from "./suggest.ts";

export type NewField = {
  leaf: Leaf;
  name: string;
  type: "text" | "number" | "bool" | "email" | "url" | "date" | "json";
  /** Most people want it. */
  isLikely: boolean;
};

const COLLECTIONS: Record<Provider, string> = {
  stripe: "payments",
  paypal: "payments",
  paddle: "subscriptions",
  square: "payments",
  shopify: "orders",
  github: "issues",
  gitlab: "issues",
  slack: "messages",
  discord: "events",
  twilio: "messages",
  mailgun: "bounces",
  standard: "events",
  hmac: "messages",
};

/** What a collection for the messages of a sender could be called, and is not yet. */
export function collectionNameFor(provider: Provider, taken: readonly string[]): string {
  const name = COLLECTIONS[provider];
  const used = new Set(taken.map((one) => one.toLowerCase()));
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}${number}`;
    if (!used.has(candidate.toLowerCase())) return candidate;
  }
}

/** Names that records have for themselves, and those that the new collection gets besides. */
const RESERVED = ["id", "collectionid", "collectionname", "expand", "receivedat", "raw"];
const MAX_LIKELY = 10;

export function newFields(leaves: readonly Leaf[]): NewField[] {
  const used = new Set(RESERVED);
  let likely = 0;
  // The values of an object are there one by one, and the first item of a list is a part of the list.
  const kept = leaves.filter(({ path, value, isWhole }) => (!isWhole || Array.isArray(value)) && !path.endsWith("[0]"));
  return kept.map((leaf) => {
    const name = freeName(leaf.names, used);
    used.add(name.toLowerCase());
    const isLikely =
      !leaf.isWhole && leaf.value !== null && leaf.value !== "" && saysSomething(leaf) && likely < MAX_LIKELY;
    if (isLikely) likely += 1;
    return { leaf, name, type: typeOf(leaf), isLikely };
  });
}

/** The last name on the way, with as many of those before it as it takes to be the only one. */
function freeName(names: readonly string[], used: ReadonlySet<string>): string {
  if (names.length === 1 && names[0] === "id" && !used.has("eventid")) return "eventId";
  for (let count = 1; count <= names.length; count++) {
    const name = camelCase(names.slice(-count));
    if (name !== "" && !used.has(name.toLowerCase())) return name;
  }
  const base = camelCase(names.slice(-1)) || "value";
  for (let number = 2; ; number++) {
    if (!used.has(`${base}${number}`.toLowerCase())) return `${base}${number}`;
  }
}

const MAX_NAME = 60;

function camelCase(names: readonly string[]): string {
  const words = names
    .join(" ")
    .normalize("NFD")
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  const joined = words
    .map((word, at) => (at === 0 ? word[0]?.toLowerCase() : word[0]?.toUpperCase()) + word.slice(1))
    .join("");
  return (/^\d/.test(joined) ? `n${joined}` : joined).slice(0, MAX_NAME);
}

function typeOf({ value, isWhole }: Leaf): NewField["type"] {
  if (isWhole) return "json";
  if (typeof value === "boolean") return "bool";
  if (isDate(value)) return "date";
  if (typeof value === "number") return "number";
  if (typeof value !== "string") return "text";
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) return "email";
  if (/^https?:\/\/\S+$/.test(value)) return "url";
  return "text";
}
