import { expect, test } from "vitest";
import { flattenErrors, positionOf } from "./flat-errors.ts";

test("a tree of findings becomes a list of paths", () => {
  const required = { code: "validation_required", message: "Cannot be blank." };
  const data = { fields: { 1: { name: required }, 2: required }, name: { ...required, params: { min: 1 } }, odd: 3 };
  expect(flattenErrors(data)).toEqual({
    "fields.1.name": { ...required, params: {} },
    "fields.2": { ...required, params: {} },
    name: { ...required, params: { min: 1 } },
  });
  expect(flattenErrors(null)).toEqual({});
});

test("a message points at the character it names, or at the words it quotes", () => {
  const rule = "title = 'ü' && nope = 1";
  expect(positionOf('invalid left operand "nope" - unknown field "nope".', rule)).toEqual({ from: 15, to: 19 });
  expect(positionOf("unknown field, at character 16.", rule)).toEqual({ from: 15, to: 19 });
  expect(positionOf("expected a value after =, at character 9.", "title =")).toEqual({ from: 7, to: 7 });
  // The first character takes two UTF-16 units.
  expect(positionOf("at character 3", "😀 x")).toEqual({ from: 3, to: 4 });
  expect(positionOf("something else", rule)).toBeNull();
});
