import { expect, test } from "vitest";
import { MAX_PAST_SEARCHES, type PastSearch, readPastSearches, withoutSearch, withSearch } from "./past-searches.ts";

const typed = (text: string): PastSearch => ({ kind: "typed", text });

test("the newest is first, each stands once, and the oldest goes", () => {
  let searches: PastSearch[] = [];
  for (let number = 0; number <= MAX_PAST_SEARCHES; number++) searches = withSearch(searches, typed(`${number}`));
  searches = withSearch(searches, typed(" 5 "));
  expect(searches.map(({ text }) => text)).toEqual(["5", "10", "9", "8", "7", "6", "4", "3", "2", "1"]);
});

test("blanks are no search, and neither is a text of many pages", () => {
  expect(withSearch([typed("a")], typed("  "))).toEqual([typed("a")]);
  expect(withSearch([], typed("x".repeat(5_000)))).toEqual([]);
});

test("the same text typed and built are two", () => {
  const both = withSearch([typed("a > 1")], { kind: "built", text: "a > 1" });
  expect(both).toHaveLength(2);
  expect(withoutSearch(both, typed("a > 1"))).toEqual([{ kind: "built", text: "a > 1" }]);
});

test("what is stored and no search is left out", () => {
  expect(readPastSearches([typed("a"), null, "b", { kind: "typed" }, { kind: "other", text: "c" }])).toEqual([
    typed("a"),
  ]);
  expect(readPastSearches({ 0: typed("a") })).toEqual([]);
});
