import { expect, test } from "vitest";
import { byName } from "./natural-order.ts";
import { matchRank } from "./word-match.ts";

test.each([
  ["SQL console", "", "con", 2],
  ["SQL console", "", "sol", null],
  ["Settings: Mail", "smtp", "mail set", 2],
  ["Settings: Mail", "smtp", "SMTP", 3],
  ["Settings: Mail", "smtp server", "mail smtp", 3],
  ["Scheduled jobs", "cron", "crons", 3],
  ["Übersicht", "", "uber", 1],
  ["order_lines", "", "lines", 2],
  ["orderLines", "", "lines", 2],
  ["Orders", "", "orders", 0],
  ["Make a backup", "", "make a backup", 0],
  ["orders", "", "", 1],
])("%s (%j) is found by %j: %j", (label, terms, typed, rank) => {
  expect(matchRank(label, terms, typed)).toBe(rank);
});

test("numbers in names count as numbers", () => {
  const names = ["many_10", "Many_1", "many_2", "apples"].map((name) => ({ name }));
  expect(names.sort(byName).map(({ name }) => name)).toEqual(["apples", "Many_1", "many_2", "many_10"]);
});
