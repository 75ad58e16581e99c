import { expect, test } from "vitest";
import { readDegrees } from "./read-degrees.ts";

test.each([
  ["", 0],
  [" 42 ", 42],
  ["-1.5", -1.5],
  ["−1.5", -1.5],
  ["1,5", 1.5],
  ["1e3", 1000],
  [".5", 0.5],
  ["007", 7],
])("%j is %d", (typed, number) => expect(readDegrees(typed)).toBe(number));

test.each(["abc", "1.234,5", "1,234,567", "12 000", "0x10", "1e999", "NaN", "-"])("%j is no number", (typed) =>
  expect(readDegrees(typed)).toBeNull(),
);
