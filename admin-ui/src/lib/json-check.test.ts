import { describe, expect, test } from "vitest";
import { checkJson } from "./json-check.ts";

describe("checkJson", () => {
  test.each([
    '{"a": [1, -2.5e3, "x\\u00e4\\n"], "b": {}, "c": []}',
    " null ",
    '"text"',
    "0",
    "true",
    '[[[{"deep": [false]}]]]',
  ])("reads %s as JSON.parse does", (text) => {
    expect(checkJson(text)).toEqual({ isValid: true, value: JSON.parse(text), inexact: [] });
  });

  test.each([
    ["", "value", 1, 1],
    ['{"a": 1,}', "key", 1, 9],
    ['{"a": 1\n "b": 2}', "comma", 2, 2],
    ['{"a" 1}', "colon", 1, 6],
    ["{a: 1}", "key", 1, 2],
    ["[1, 2,]", "value", 1, 7],
    ["[1", "comma", 1, 3],
    ['"open', "text", 1, 6],
    ['"line\nbreak"', "text", 1, 6],
    ['"\\x"', "escape", 1, 2],
    ["1 2", "end", 1, 3],
    ["01", "end", 1, 2],
    ["-", "number", 1, 1],
    ["'single'", "value", 1, 1],
    ["truest", "value", 1, 1],
    ["NaN", "value", 1, 1],
  ])("says where %j goes wrong", (text, fault, line, column) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(checkJson(text)).toMatchObject({ isValid: false, fault, line, column });
  });

  test("names whole numbers that would change", () => {
    expect(checkJson("[12345678901234567890, 9007199254740992, 0.1, 1e400]")).toMatchObject({
      inexact: ["12345678901234567890", "1e400"],
    });
  });

  test("refuses nesting that no browser could read", () => {
    expect(checkJson("[".repeat(100_000))).toMatchObject({ isValid: false, fault: "depth" });
  });
});
