import { expect, test } from "vitest";
import type { Collection, Field } from "#api/types.ts";
import {
  addField,
  changesOf,
  definitionOf,
  draftOf,
  isChanged,
  moveField,
  removeField,
  setKeys,
  updateField,
} from "./draft.ts";
import { rebaseDraft } from "./rebase.ts";

const field = (id: string, name: string, more: Partial<Field> = {}): Field => ({
  id,
  name,
  type: "text",
  system: false,
  hidden: false,
  presentable: false,
  ...more,
});
const [id, title, body, created] = [
  field("i", "id"),
  field("t", "title"),
  field("b", "body"),
  field("c", "created", { type: "autodate" }),
];
const summary = field("s", "summary");
const posts: Collection = {
  id: "p",
  name: "posts",
  type: "base",
  system: false,
  createRule: null,
  listRule: null,
  viewRule: null,
  fields: [id, title, body, created],
  indexes: ["CREATE INDEX `i1` ON `posts` (`title`)"],
};
const draft = draftOf(posts);
const names = ({ fields }: Partial<Collection>) => fields?.map(({ name }) => name);

test("what somebody else has changed stays, beside what is changed here", () => {
  const theirs = {
    ...posts,
    fields: [id, { ...title, max: 9 }, summary, body, created],
    viewRule: "",
    indexes: ["CREATE INDEX `i1` ON `posts` (`title`)", "CREATE INDEX `i2` ON `posts` (`summary`)"],
  };
  const mine = setKeys(updateField(updateField(draft, "t", { required: true }), "b", { name: "text" }), {
    listRule: "",
    indexes: ["CREATE INDEX `i1` ON `posts` (`title`)", "CREATE INDEX `i3` ON `posts` (`text`)"],
  });
  const rebased = rebaseDraft(mine, posts, theirs);
  expect(rebased.contested).toEqual([]);
  expect(changesOf(rebased.draft)).toEqual({
    listRule: "",
    fields: [id, { ...title, max: 9, required: true }, summary, { ...body, name: "text" }, created],
    indexes: [...theirs.indexes, "CREATE INDEX `i3` ON `posts` (`text`)"],
  });
  expect(isChanged(rebaseDraft(draft, posts, theirs).draft)).toBe(false);
});

test("what both have changed is named, and has what was typed here", () => {
  const theirs = {
    ...posts,
    listRule: "id != ''",
    fields: [id, { ...title, name: "heading" }, { ...body, max: 5 }],
    indexes: ["CREATE INDEX `i1` ON `posts` (`heading`)", "CREATE INDEX `i2` ON `posts` (`heading` DESC)"],
  };
  const named = updateField(draft, "t", { name: "headline" });
  const indexes = ["CREATE INDEX `i1` ON `posts` (`headline`)", "CREATE INDEX `i2` ON `posts` (`created`)"];
  const mine = updateField(removeField(setKeys(named, { listRule: "", indexes }), "b"), "c", { hidden: true });
  const rebased = rebaseDraft(mine, posts, theirs);
  expect(rebased.contested).toEqual(["headline", "body", "created", "i2", "listRule"]);
  const definition = definitionOf(rebased.draft);
  expect(definition.listRule).toBe("");
  expect(names(definition)).toEqual(["id", "headline", "created"]);
  expect(definition.indexes).toEqual(indexes);
  // The next attempt goes through.
  expect(rebaseDraft(rebased.draft, theirs, theirs).contested).toEqual([]);
});

test("an index follows what both have renamed", () => {
  const both = { ...posts, indexes: ["CREATE INDEX i1 ON posts (title, body)"] };
  const theirs = {
    ...both,
    name: "news",
    fields: [id, title, { ...body, name: "text" }, created],
    indexes: ["CREATE INDEX `i1` ON `news` (\n  `title`,\n  `text`\n)"],
  };
  const rebased = rebaseDraft(updateField(draftOf(both), "t", { name: "headline" }), both, theirs);
  expect(rebased.contested).toEqual([]);
  expect(definitionOf(rebased.draft).indexes).toEqual(["CREATE INDEX `i1` ON `news` (`headline`, `text`)"]);
  expect(isChanged(rebaseDraft(draftOf(both), both, theirs).draft)).toBe(false);
});

test("fields stay in the order that one of both has chosen", () => {
  const theirs = { ...posts, fields: [created, id, title, summary, body] };
  const added = addField(draft, field("x", "extra"));
  expect(names(definitionOf(rebaseDraft(added, posts, theirs).draft))).toEqual([
    "created",
    "id",
    "title",
    "summary",
    "body",
    "extra",
  ]);
  const moved = moveField(draft, "b", 1);
  const more = { ...posts, fields: [id, title, summary, body, created] };
  expect(names(definitionOf(rebaseDraft(moved, posts, more).draft))).toEqual([
    "id",
    "body",
    "title",
    "summary",
    "created",
  ]);
});

test("what is changed while the draft is being saved is a change of what is stored then", () => {
  const sent = removeField(addField(updateField(draft, "t", { name: "headline" }), summary), "b");
  // The server fills in what was left out.
  const saved = {
    ...definitionOf(sent),
    updated: "now",
    fields: [id, { ...title, name: "headline" }, summary, created],
  };
  const same = rebaseDraft(sent, definitionOf(sent), saved).draft;
  expect(isChanged(same)).toBe(false);
  expect(same.fields).toHaveLength(4);

  const typed = removeField(updateField(sent, "t", { name: "title" }), "s");
  const later = rebaseDraft(typed, definitionOf(sent), saved).draft;
  expect(names(changesOf(later))).toEqual(["id", "title", "created"]);
  expect(later.fields.map(({ isRemoved }) => isRemoved)).toEqual([false, false, true, false]);
});
