import { expect, test } from "vitest";
import { evenDecimals } from "./even-decimals.ts";

test.each([
  [[1, 2, 3], 0],
  [[99.2, 118.75, 4], 2],
  [[0.5, 3], 0],
  [[1.125, 3.5], 0],
  [[1e-7], 0],
  [[1e21, 0, null, "1.25", undefined], 0],
  [[], 0],
])("%j: %i", (values, expected) => {
  expect(evenDecimals(values)).toBe(expected);
});
