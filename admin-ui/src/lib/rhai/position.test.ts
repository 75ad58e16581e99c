import { expect, test } from "vitest";
import { rangeAt } from "./position.ts";

const TEXT = 'let a = 1;\n\n"😀" + none();\nlast';

test.each<[number, number, string | null]>([
  [1, 5, "a"],
  [3, 7, "none"],
  [3, 6, " "],
  [4, 5, "t"],
  [2, 1, ""],
  [0, 0, null],
  [9, 1, null],
])("line %i, column %i is %j", (line, column, marked) => {
  const range = rangeAt(TEXT, line, column);
  expect(range && TEXT.slice(range.from, range.to)).toBe(marked);
});
