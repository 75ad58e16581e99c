import { expect, test } from "vitest";
import { nextSort, parseSort, writeSort } from "./sort-text.ts";

test("a sort survives being written and read", () => {
  for (const text of ["title", "-title"]) expect(writeSort(parseSort(text))).toBe(text);
  expect(parseSort("")).toBeNull();
  expect(parseSort(undefined)).toBeNull();
  expect(writeSort(null)).toBeUndefined();
});

test("clicking a header three times comes back to the start", () => {
  const first = nextSort(null, "title");
  const second = nextSort(first, "title");
  expect([first, second, nextSort(second, "title")]).toEqual([
    { field: "title", isDescending: false },
    { field: "title", isDescending: true },
    null,
  ]);
  expect(nextSort(second, "price")).toEqual({ field: "price", isDescending: false });
});
