import { expect, test } from "vitest";
import { parseSort, withoutSort, withSort, writeSort } from "./sort-text.ts";

const up = (field: string) => ({ field, isDescending: false });
const down = (field: string) => ({ field, isDescending: true });

test("a sort order survives the address", () => {
  expect(writeSort(parseSort("name,-created"))).toBe("name,-created");
  expect(parseSort("+name, -born")).toEqual([up("name"), down("born")]);
  expect(parseSort(undefined)).toEqual([]);
  expect(parseSort("-,")).toEqual([]);
  expect(writeSort([])).toBeUndefined();
});

test("a further field is added behind, a known one is turned in its place", () => {
  expect(withSort([up("a")], down("b"), true)).toEqual([up("a"), down("b")]);
  expect(withSort([up("a"), up("b")], down("a"), true)).toEqual([down("a"), up("b")]);
  expect(withSort([up("a"), up("b")], down("c"), false)).toEqual([down("c")]);
  expect(withoutSort([up("a"), up("b")], "a")).toEqual([up("b")]);
});
