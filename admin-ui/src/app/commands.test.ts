import { expect, test } from "vitest";
import { matches } from "./commands.ts";

test.each([
  ["SQL console", "con", true],
  ["SQL console", "sol", false],
  ["Settings: Mail", "mail set", true],
  ["Übersicht", "uber", true],
  ["order_lines", "lines", true],
  ["orders", "", true],
])("%s is found by %j: %j", (label, typed, isFound) => {
  expect(matches(label, typed)).toBe(isFound);
});
