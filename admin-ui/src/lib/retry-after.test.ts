import { expect, test } from "vitest";
import { parseRetryAfter } from "./retry-after.ts";

const now = new Date("2026-11-20T10:00:00Z");

test.each([
  ["30", 30],
  ["Fri, 20 Nov 2026 10:01:00 GMT", 60],
  ["Fri, 20 Nov 2026 09:00:00 GMT", 0],
  ["soon", undefined],
  [null, undefined],
])("%s", (header, seconds) => {
  expect(parseRetryAfter(header, now)).toBe(seconds);
});
