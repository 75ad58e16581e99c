import { expect, test } from "vitest";
import type { Field } from "#api/types.ts";
import { namingFields, recordName } from "./record-name.ts";

const field = (name: string, more: Partial<Field> = {}): Field => ({
  id: name,
  name,
  type: "text",
  system: false,
  hidden: false,
  presentable: false,
  ...more,
});
const record = (values: object) => ({ id: "abc", collectionId: "c", collectionName: "things", ...values });
const id = field("id", { system: true, primaryKey: true });

test.each([
  ["marked fields win", [id, field("name"), field("code", { presentable: true })], { name: "Rye", code: "R1" }, "R1"],
  [
    "several marked fields stand together",
    [field("first", { presentable: true }), field("last", { presentable: true })],
    { first: "Ana", last: "Ko" },
    "Ana · Ko",
  ],
  ["then a usual name", [id, field("street"), field("title")], { street: "Main", title: "Bakery" }, "Bakery"],
  ["then the first text", [id, field("street"), field("note")], { street: "", note: "old" }, "old"],
  [
    "an empty marked field is passed over",
    [field("code", { presentable: true }), field("name")],
    { code: "", name: "Rye" },
    "Rye",
  ],
  ["people by their email", [field("email", { type: "email", system: true })], { email: "a@b.co" }, "a@b.co"],
  ["the key of tokens is no name", [field("tokenKey", { system: true })], { tokenKey: "s" }, "abc"],
  [
    "the number of an order that is its first field, before a later text",
    [id, field("orderNo", { type: "number" }), field("product")],
    { orderNo: 1058, product: "Filter Roast" },
    "1058",
  ],
  [
    "a usual name before the number",
    [id, field("customer_nr", { type: "number" }), field("name")],
    { customer_nr: 7, name: "Ana" },
    "Ana",
  ],
  [
    "people by both of their names, before their email",
    [id, field("firstName"), field("lastName"), field("email", { type: "email" })],
    { firstName: "Luís", lastName: "Gonçalves", email: "luisg@embraer.com.br" },
    "Luís Gonçalves",
  ],
  ["a half of a name is a field like others", [id, field("Nombre"), field("title")], { Nombre: "x", title: "y" }, "y"],
  ["an amount is no name", [field("kg", { type: "number" }), field("product")], { kg: 5, product: "Rye" }, "Rye"],
  ["a word that ends alike", [field("piano", { type: "number" }), field("maker")], { piano: 5, maker: "B" }, "B"],
  ["else the id", [id, field("ok", { type: "bool" })], { ok: true }, "abc"],
])("%s", (_case, fields, values, expected) => {
  expect(recordName(record(values), fields)).toBe(expected);
});

test("records are looked up by what they are called", () => {
  const order = [id, field("Bestellnummer", { type: "number" }), field("product"), field("note")];
  expect(namingFields(order)).toEqual(["Bestellnummer", "product"]);
  expect(namingFields([...order, field("name")])).toEqual(["name"]);
  const marked = { presentable: true };
  const number = field("number", { type: "number", ...marked });
  expect(namingFields([id, field("name"), number, field("city", marked)])).toEqual(["number", "city"]);
  expect(namingFields([id, field("Nachname"), field("Vorname"), field("email")])).toEqual(["Vorname", "Nachname"]);
});
