/** A few lines of code that put a first record into a collection, and work as they stand. */

import type { Collection } from "#api/types.ts";

const VALUES: Record<string, unknown> = {
  text: "something",
  editor: "<p>something</p>",
  number: 1,
  bool: true,
  email: "ana@example.com",
  url: "https://example.com",
  date: "2026-12-31",
};
const MOST_VALUES = 3;

const PERSON = { email: "ana@example.com", password: "a good password", passwordConfirm: "a good password" };

export function exampleOf(collection: Collection, serverAddress: string): string {
  const { name, type, createRule } = collection;
  const values = type === "auth" ? PERSON : firstValues(collection);
  return [
    'import PocketBase from "pocketbase";',
    "",
    `const server = new PocketBase("${serverAddress}");`,
    ...(createRule === null ? SIGN_IN : []),
    `await server.collection("${name}").create(${JSON.stringify(values, null, 2)});`,
  ].join("\n");
}

/** A new collection is closed to everybody else until it gets rules. */
const SIGN_IN = [
  "// Only superusers may create records here, until the collection gets a rule that lets others.",
  'await server.collection("_superusers").authWithPassword("you@example.com", "your password");',
];

function firstValues({ fields }: Collection): Record<string, unknown> {
  const usable = fields.filter(({ system, type }) => !system && type in VALUES);
  return Object.fromEntries(usable.slice(0, MOST_VALUES).map(({ name, type }) => [name, VALUES[type]]));
}
