import { expect, test } from "vitest";
import { compareDefinitions, type Definition, planImport } from "./compare.ts";

const posts: Definition = {
  id: "p1",
  name: "posts",
  type: "base",
  listRule: null,
  fields: [
    { id: "t0", name: "id", type: "text", system: true },
    { id: "t1", name: "title", type: "text", max: 0 },
    { id: "n1", name: "views", type: "number" },
  ],
  indexes: ["CREATE INDEX `a` ON `posts` (`title`)"],
};

test("each kind of difference is told once", () => {
  const changed = {
    ...posts,
    name: "articles",
    listRule: "",
    fields: [
      { id: "t0", name: "id", type: "text", system: true },
      { id: "t1", name: "headline", type: "text", max: 80 },
      { name: "open", type: "bool" },
    ],
    indexes: ["CREATE  INDEX `a`\nON `posts` (`title`)", "CREATE INDEX `b` ON `posts` (`open`)"],
    passwordAuth: { enabled: true },
  };
  expect(compareDefinitions({ ...posts, passwordAuth: { enabled: false, identityFields: [] } }, changed)).toEqual([
    { kind: "collection-renamed", before: "posts", after: "articles" },
    { kind: "field-renamed", before: "title", after: "headline" },
    { kind: "field-option", field: "headline", type: "text", option: "max", before: 0, after: 80 },
    { kind: "field-added", field: "open", type: "bool" },
    { kind: "field-removed", field: "views", type: "number" },
    { kind: "rule", rule: "listRule", before: null, after: "" },
    { kind: "index-added", index: "CREATE INDEX `b` ON `posts` (`open`)" },
    { kind: "option", option: "passwordAuth.enabled", before: false, after: true },
  ]);
  expect(compareDefinitions(posts, posts)).toEqual([]);
});

test("a new order of fields is a difference", () => {
  const fields = [...(posts.fields as unknown[])].reverse();
  expect(compareDefinitions(posts, { ...posts, fields })).toEqual([{ kind: "fields-moved" }]);
});

test("an import keeps what it does not list", () => {
  const incoming = [
    { name: "POSTS", type: "base", fields: [{ id: "other", name: "title", type: "text", max: 5 }] },
    { name: "tags", type: "base", fields: [{ name: "label", type: "text" }] },
  ];
  const kept: Definition = { id: "k1", name: "kept", type: "base", fields: [] };
  const plan = planImport([posts, kept], incoming, false);
  expect(plan.map(({ name, action }) => [name, action])).toEqual([
    ["posts", "change"],
    ["tags", "create"],
  ]);
  expect(plan[0]?.changes.map(({ kind }) => kind)).toEqual(["collection-renamed", "field-option", "fields-moved"]);
});

test("an import that deletes what is missing says so, and leaves system collections and fields alone", () => {
  const system: Definition = { id: "s1", name: "_superusers", type: "auth", system: true };
  const plan = planImport([posts, system], [{ id: "p1", name: "posts", fields: [] }], true);
  expect(plan).toEqual([
    {
      name: "posts",
      action: "change",
      changes: [
        { kind: "field-removed", field: "title", type: "text" },
        { kind: "field-removed", field: "views", type: "number" },
      ],
    },
  ]);
  expect(planImport([posts], [{ name: "tags" }], true).map(({ action }) => action)).toEqual(["create", "delete"]);
});
