import { expect, test } from "vitest";
import { logFilter } from "./log-filter.ts";

test.each([
  ["", false, ""],
  ["", true, "level >= 4"],
  ["data.status >= 400", false, "(data.status >= 400)"],
  ["(level=8)", true, "level >= 4 && ((level=8))"],
  ["it's", false, '(message ~ "it\'s" || data ~ "it\'s")'],
  ["data", false, '(message ~ "data" || data ~ "data")'],
])("%j with only trouble %j is %j", (typed, isOnlyTrouble, filter) => {
  expect(logFilter(typed, isOnlyTrouble)).toBe(filter);
});
