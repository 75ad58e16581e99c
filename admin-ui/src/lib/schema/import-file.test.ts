import { expect, test } from "vitest";
import { parseDefinitions, toExport } from "./import-file.ts";

test("lists and objects with a list are read", () => {
  expect(parseDefinitions('[{"name":"a"}]')).toEqual({ definitions: [{ name: "a" }] });
  expect(parseDefinitions('{"collections":[{"name":"a"}],"deleteMissing":true}')).toEqual({
    definitions: [{ name: "a" }],
  });
});

test.each([
  ["", { problem: "json", line: 1, column: 1 }],
  ['[{"name":\n"a",}]', { problem: "json", line: 2, column: 5 }],
  ["{}", { problem: "noList" }],
  ["null", { problem: "noList" }],
  ['"text"', { problem: "noList" }],
  ["[]", { problem: "empty" }],
  ['[{"name":"a"},1]', { problem: "unnamed", at: 2 }],
  ['[{"id":"x"}]', { problem: "unnamed", at: 1 }],
  ['[{"name":"a","schema":[{"name":"title","type":"text","options":{}}]}]', { problem: "old", at: 1 }],
])("%s is no list of collections", (text, problem) => {
  expect(parseDefinitions(text)).toEqual(problem);
});

test("an export can be read again", () => {
  const text = toExport([{ name: "a", created: "2026", updated: "2027", fields: [] }]);
  expect(parseDefinitions(text)).toEqual({ definitions: [{ name: "a", fields: [] }] });
});
