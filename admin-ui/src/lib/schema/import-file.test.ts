import { expect, test } from "vitest";
import { parseDefinitions, toExport } from "./import-file.ts";

test("lists and objects with a list are read, everything else is not", () => {
  expect(parseDefinitions('[{"name":"a"}]')).toEqual([{ name: "a" }]);
  expect(parseDefinitions('{"collections":[{"name":"a"}],"deleteMissing":true}')).toEqual([{ name: "a" }]);
  for (const text of ["", "[]", "{}", "[1]", '[{"id":"x"}]', "null", '"text"']) {
    expect(parseDefinitions(text), text).toBeNull();
  }
});

test("an export can be read again", () => {
  const text = toExport([{ name: "a", created: "2026", updated: "2027", fields: [] }]);
  expect(parseDefinitions(text)).toEqual([{ name: "a", fields: [] }]);
});
