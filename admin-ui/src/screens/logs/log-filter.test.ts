import { expect, test } from "vitest";
import { logFilter, misspeltData, suggestField } from "./log-filter.ts";

test.each([
  ["", false, ""],
  ["", true, "level >= 4"],
  ["data.status >= 400", false, "(data.status >= 400)"],
  ["(level=8)", true, "level >= 4 && ((level=8))"],
  ["it's", false, '(message ~ "it\'s" || data ~ "it\'s")'],
  ["statu >= 400", false, "(statu >= 400)"],
  ["status >= 400", true, "level >= 4 && (status >= 400)"],
  ["levl = 8", false, "(levl = 8)"],
  ['"level = 8"', false, '(message ~ "level = 8" || data ~ "level = 8")'],
  ["/api/x?a=b", false, '(message ~ "/api/x?a=b" || data ~ "/api/x?a=b")'],
  ["data", false, '(message ~ "data" || data ~ "data")'],
])("%j with only trouble %j is %j", (typed, isOnlyTrouble, filter) => {
  expect(logFilter(typed, { isOnlyTrouble })).toBe(filter);
});

test("names that stand under data are suggested with it", () => {
  expect(suggestField("statu")).toBe("data.status");
  expect(suggestField("status")).toBe("data.status");
  expect(suggestField("colour")).toBeUndefined();
});

test("a misspelt name under data is noticed", () => {
  expect(misspeltData("level = 0 && data.statu >= 400")).toEqual({
    name: "data.statu",
    suggestion: "data.status",
    corrected: "level = 0 && data.status >= 400",
  });
  expect(misspeltData("data.status >= 400 && data.own.statu = 1 && data.orderId = 7")).toBeNull();
});

test("requests of superusers are left out, on top of what is searched for", () => {
  expect(logFilter("", { isWithoutSuperusers: true })).toBe('data.auth != "_superusers"');
  expect(logFilter("level = 8", { isOnlyTrouble: true, isWithoutSuperusers: true })).toBe(
    'level >= 4 && data.auth != "_superusers" && (level = 8)',
  );
});
