import { expect, test } from "vitest";
import type { Field } from "#api/types.ts";
import { type LinkTarget, suggestLink } from "./suggest-link.ts";

// Only what the guess looks at.
const collection = (name: string, ...fields: string[]) =>
  ({
    name,
    type: "base" as const,
    system: false,
    fields: fields.map((field) => ({ name: field, type: "text" }) as Field),
  }) satisfies LinkTarget;

const all = [
  collection("customers", "contact", "name", "customerNo"),
  collection("categories", "label"),
  collection("Kunden", "firma"),
  collection("custom"),
];

test.each([
  ["Customer", { collection: "customers", field: "name" }],
  ["customers", { collection: "customers", field: "name" }],
  ["Customer no.", { collection: "customers", field: "customerNo" }],
  ["CustomerId", { collection: "customers", field: null }],
  ["Category", { collection: "categories", field: "label" }],
  ["Kunde", { collection: "Kunden", field: "firma" }],
  ["Cu", null],
  ["Product", null],
  ["", null],
])("%s", (heading, expected) => {
  expect(suggestLink(heading, all)).toEqual(expected);
});
