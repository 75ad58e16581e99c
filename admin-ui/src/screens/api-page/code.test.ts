import { describe, expect, test } from "vitest";
import type { Collection, Field } from "#api/types.ts";
import { curlCommands } from "./curl.ts";
import { dart } from "./dart.ts";
import { endpointsOf } from "./endpoints.ts";
import type { Samples } from "./example-values.ts";
import { javascript } from "./javascript.ts";
import { makeContext } from "./make-context.ts";

const field = (name: string, type: string, more: Partial<Field> = {}): Field => ({
  id: name,
  name,
  type,
  system: false,
  hidden: false,
  presentable: false,
  ...more,
});

const users: Collection = {
  id: "u",
  name: "people",
  type: "auth",
  system: false,
  listRule: "id = @request.auth.id",
  viewRule: "",
  createRule: null,
  fields: [
    field("id", "text", { primaryKey: true }),
    field("price", "text"),
    field("photo", "file", { maxSelect: 3 }),
    field("boss", "relation", { collectionId: "u" }),
  ],
};
const record = {
  id: "abc",
  collectionId: "u",
  collectionName: "people",
  email: "o'ana@example.com",
  price: "$5 'x'",
  photo: ["a.png"],
};
const samples: Samples = { own: record, targets: { u: "abc" }, suffix: "xyz" };

function contextOf(collection: Collection) {
  return makeContext({
    address: "http://localhost:8090",
    collection,
    collections: [users],
    samples,
    people: { people: record },
  });
}

/** Fails when the code cannot be read as JavaScript. */
function parse(code: string): void {
  const body = code.replace(/^import .*$/m, "const PocketBase = Object;");
  new Function(`return async () => {\n${body}\n};`);
}

describe("every endpoint", () => {
  test.each(endpointsOf(users).map(({ id }) => id))("%s has code that can be read", (id) => {
    const context = contextOf(users);
    expect(() => parse(javascript[id](context))).not.toThrow();
    expect(dart[id](context)).toContain("PocketBase(");
    // Outside quotes, quotes come in pairs.
    const commands = curlCommands[id](context).replace(/^#.*$/gm, "").replaceAll("'\\''", "");
    expect((commands.match(/'/g) ?? []).length % 2).toBe(0);
  });
});

test("code signs in only as far as the rule asks for it", () => {
  const context = contextOf(users);
  expect(javascript.view(context)).not.toContain("authWithPassword");
  expect(javascript.list(context)).toContain('pb.collection("people").authWithPassword("o\'ana@example.com"');
  expect(javascript.create(context)).toContain('pb.collection("_superusers").authWithPassword');
  expect(javascript.delete(context)).toContain('pb.collection("_superusers").authWithPassword');
});

test("values are quoted as the language needs it", () => {
  const context = contextOf(users);
  expect(javascript.update(context)).toContain("price: \"$5 'x'\"");
  expect(dart.update(context)).toContain('"price": "\\$5 \'x\'"');
  expect(curlCommands.update(context)).toContain(`"price": "$5 '\\''x'\\''"`);
});

test("a view can be read only", () => {
  const view: Collection = { ...users, type: "view", viewQuery: "SELECT 1" };
  expect(endpointsOf(view).map(({ id }) => id)).toEqual(["list", "view"]);
});
