import { expect, test } from "vitest";
import type { Collection, Field } from "#api/types.ts";
import {
  addField,
  changesOf,
  copyOf,
  definitionOf,
  draftOf,
  freeName,
  isChanged,
  lostIndexes,
  moveField,
  newDraft,
  readyToSave,
  removeField,
  restoreField,
  updateField,
} from "./draft.ts";

const field = (id: string, name: string, type = "text"): Field => ({
  id,
  name,
  type,
  system: false,
  hidden: false,
  presentable: false,
});

const people: Collection = {
  id: "c1",
  name: "people",
  type: "auth",
  system: false,
  createRule: null,
  listRule: "",
  fields: [field("t0", "id"), field("t1", "nick"), field("n1", "age", "number"), field("a1", "created", "autodate")],
  indexes: ["CREATE UNIQUE INDEX `i1` ON `people` (`nick`)", "CREATE INDEX `i2` ON `people` (`nick`, `age`)"],
  passwordAuth: { enabled: true, identityFields: ["email", "nick"] },
  oauth2: { enabled: false, providers: [], mappedFields: { id: "", name: "nick", username: "", avatarURL: "" } },
};

const names = (collection: Partial<Collection>) => collection.fields?.map(({ name }) => name);

test("an untouched draft has nothing to save, and only what differs is sent", () => {
  const draft = draftOf(people);
  expect(isChanged(draft)).toBe(false);
  expect(changesOf(updateField(draft, "n1", { required: true }))).toEqual({
    fields: [people.fields[0], people.fields[1], { ...people.fields[2], required: true }, people.fields[3]],
  });
  expect(isChanged(updateField(updateField(draft, "n1", { name: "years" }), "n1", { name: "age" }))).toBe(false);
});

test("a renamed field is renamed in indexes, sign-in names and what providers fill", () => {
  const { indexes, passwordAuth, oauth2 } = definitionOf(updateField(draftOf(people), "t1", { name: "alias" }));
  expect(indexes).toEqual([
    "CREATE UNIQUE INDEX `i1` ON `people` (`alias`)",
    "CREATE INDEX `i2` ON `people` (`alias`, `age`)",
  ]);
  expect(passwordAuth?.identityFields).toEqual(["email", "alias"]);
  expect(oauth2?.mappedFields.name).toBe("alias");
});

test("a removed field can be brought back; its indexes go only when it is saved", () => {
  const removed = removeField(draftOf(people), "n1");
  expect(names(definitionOf(removed))).toEqual(["id", "nick", "created"]);
  expect(lostIndexes(removed)).toEqual([people.indexes?.[1]]);
  expect(changesOf(readyToSave(removed)).indexes).toEqual([people.indexes?.[0]]);
  expect(isChanged(restoreField(removed, "n1"))).toBe(false);
  const added = addField(draftOf(people), field("x", "note"));
  expect(removeField(added, "x").fields).toHaveLength(4);
});

test("new fields stand before the dates that set themselves, and fields can be moved", () => {
  const draft = addField(draftOf(people), field("x", "note"));
  expect(names(definitionOf(draft))).toEqual(["id", "nick", "age", "note", "created"]);
  expect(names(definitionOf(moveField(draft, "x", 1)))).toEqual(["id", "note", "nick", "age", "created"]);
  expect(moveField(draft, "x", 9)).toBe(draft);
});

test("a copy has names of its own where the database shares them", () => {
  const copy = copyOf(people, "people2", () => "abc");
  expect(copy.indexes).toEqual([
    "CREATE UNIQUE INDEX `idx_abc` ON `people2` (`nick`)",
    "CREATE INDEX `idx_abc` ON `people2` (`nick`, `age`)",
  ]);
  expect(changesOf(newDraft(copy, "people2"))).toMatchObject({ name: "people2", type: "auth" });
  expect(changesOf(newDraft(copy, "people2"))).not.toHaveProperty("id");
});

test("a new field has a name that is free", () => {
  expect(freeName(["Field", "field2"], "field")).toBe("field3");
});
