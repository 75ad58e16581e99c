import { expect, test } from "vitest";
import type { Field, StoredRecord } from "#api/types.ts";
import { recordNotes } from "./record-notes.ts";

const field = (name: string, more: Partial<Field> = {}): Field => ({
  id: name,
  name,
  type: "text",
  system: false,
  hidden: false,
  presentable: false,
  ...more,
});
const people = [field("id", { primaryKey: true, system: true }), field("name"), field("no"), field("mail")];
const person = (id: string, values: Record<string, string>): StoredRecord => ({
  id,
  collectionId: "c",
  collectionName: "people",
  ...values,
});
const notes = (records: StoredRecord[]) => [...recordNotes(records, people).values()];

test("people of one name are told apart by another field, the same for all in the list", () => {
  const anna = person("aaaaaaaaaaaaaa1", { name: "Anna", no: "7", mail: "a@example.com" });
  const bea = person("aaaaaaaaaaaaaa2", { name: "Bea", no: "7", mail: "" });
  const other = person("aaaaaaaaaaaaaa3", { name: "Anna", no: "7", mail: "b@example.com" });
  expect(notes([anna, bea, other])).toEqual(["a@example.com", "", "b@example.com"]);
  expect(notes([anna, bea])).toEqual(["7", "7"]);
});

test("where nothing differs, the end of the id does", () => {
  const records = [person("aaaaaaaaaaaaaa1", { name: "Anna" }), person("aaaaaaaaaaaaaa2", { name: "Anna" })];
  expect(notes(records)).toEqual(["aaaaa1", "aaaaa2"]);
  expect(notes(records.slice(0, 1))).toEqual([""]);
});
