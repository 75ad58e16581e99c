import { expect, test } from "vitest";
import type { Collection, Field } from "#api/types.ts";
import { isRandomId, isShownAtFirst, visibleFields } from "./visible-fields.ts";

const field = (name: string, more: Partial<Field> = {}): Field => ({
  id: name,
  name,
  type: "text",
  system: false,
  hidden: false,
  presentable: false,
  ...more,
});

const people: Collection = {
  id: "c",
  name: "people",
  type: "auth",
  system: false,
  createRule: null,
  fields: [
    field("id", { system: true, primaryKey: true, autogeneratePattern: "[a-z0-9]{15}" }),
    field("password", { type: "password", system: true, hidden: true }),
    field("tokenKey", { system: true, hidden: true }),
    field("email", { type: "email", system: true }),
    field("emailVisibility", { type: "bool", system: true }),
    field("salary", { type: "number", hidden: true }),
  ],
};

const names = (fields: Field[]) => fields.map(({ name }) => name);

test("what the server never sends is never a column", () => {
  expect(names(visibleFields(people))).toEqual(["id", "email", "emailVisibility", "salary"]);
});

test("the sheet begins with what people care about", () => {
  expect(names(visibleFields(people).filter(isShownAtFirst))).toEqual(["email"]);
});

test("an id that people choose themselves is worth showing", () => {
  const chosen = field("id", { system: true, primaryKey: true, autogeneratePattern: "" });
  expect(isRandomId(chosen)).toBe(false);
  expect(isShownAtFirst(chosen)).toBe(true);
});
