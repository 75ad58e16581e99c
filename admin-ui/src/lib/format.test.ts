import { expect, test } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDate,
  formatDuration,
  formatExactDate,
  formatFromNow,
  parseDate,
} from "./format.ts";

test("counts agree with their noun", () => {
  expect(formatCount(1, "record", "records")).toBe("1 record");
  expect(formatCount(0, "record", "records")).toBe("0 records");
});

test("a day without a time stays that day everywhere", () => {
  const day = formatDate("2026-11-20 00:00:00.000Z");
  expect(day).toContain("20");
  expect(day).not.toMatch(/\d\d:\d\d/);
  expect(formatDate("2026-11-20 10:30:00.000Z")).toMatch(/:30/);
});

test("what is no date is shown as it is", () => {
  expect(parseDate("")).toBeNull();
  expect(formatDate("soon")).toBe("soon");
  expect(formatExactDate("soon")).toBe("soon");
});

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [512, "512 bytes"],
  [1_500, "1.5 kB"],
  [999_600, "1 MB"],
  [25_000_000, "25 MB"],
])("%i bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, "0 seconds"],
  [59, "59 seconds"],
  [3_599, "59 minutes"],
  [86_400, "1 day"],
  [200_000, "2 days"],
])("%i seconds are %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  ["2026-11-20T10:00:00Z", "now"],
  ["2026-11-20T10:00:45Z", "in 45 seconds"],
  ["2026-11-20T10:02:59Z", "in 2 minutes"],
  ["2026-11-20T07:30:00Z", "2 hours ago"],
  ["2026-11-21T10:00:00Z", "tomorrow"],
])("%s is %s", (date, text) => {
  expect(formatFromNow(new Date(date), new Date("2026-11-20T10:00:00Z"))).toBe(text);
});
