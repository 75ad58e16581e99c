import { expect, test } from "vitest";
import type { Field } from "#api/types.ts";
import { numberEditing } from "./editing.ts";

const field: Field = { id: "f", name: "f", type: "number", system: false, hidden: false, presentable: false };

test.each([
  ["4006381333931", { status: "read", value: 4006381333931 }],
  ["9007199254740993", { status: "unreadable", why: "digits" }],
  ["many", { status: "unreadable", why: "number" }],
])("%s", (text, reading) => {
  expect(numberEditing.fromText(text, field)).toEqual(reading);
});
