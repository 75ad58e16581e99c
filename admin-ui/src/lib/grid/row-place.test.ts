import { expect, test } from "vitest";
import { fieldsIn, isInPlace } from "./row-place.ts";

test("a row is in place next to one of its neighbours", () => {
  const shown = ["a", "b", "c", "d"];
  expect(isInPlace("b", shown, ["a", "b", "c", "d"])).toBe(true);
  expect(isInPlace("b", shown, ["x", "a", "b", "d"])).toBe(true);
  expect(isInPlace("b", shown, ["a", "c", "b", "d"])).toBe(false);
  expect(isInPlace("b", shown, ["a", "c", "d"])).toBe(false);
  expect(isInPlace("a", ["a"], ["a"])).toBe(true);
});

test("fields of a filter and a sort order are found by name", () => {
  const names = ["name", "price", "group", "id"];
  expect(fieldsIn(["price > 3 && group.name = 'x'", "-number"], names)).toEqual(new Set(["price", "group", "name"]));
});
