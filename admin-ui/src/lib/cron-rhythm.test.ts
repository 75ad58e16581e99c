import { expect, test } from "vitest";
import { cronRhythm } from "./cron-rhythm.ts";

test.each([
  ["* * * * *", { every: "minutes", count: 1 }],
  ["*/5 * * * *", { every: "minutes", count: 5 }],
  ["0 * * * *", { every: "hours", count: 1, minute: 0 }],
  ["15 */6 * * *", { every: "hours", count: 6, minute: 15 }],
  ["30 7 * * *", { every: "day", hour: 7, minute: 30 }],
  ["@daily", { every: "day", hour: 0, minute: 0 }],
  ["0 7 * * 1-5", { every: "week", days: [1, 2, 3, 4, 5], hour: 7, minute: 0 }],
  ["0 3 * * 7", { every: "week", days: [0], hour: 3, minute: 0 }],
  ["0 3 1 * *", { every: "month", day: 1, hour: 3, minute: 0 }],
  ["0 3 1 1 *", null],
  ["0 3 1 * 1", null],
  ["1,2 * * * *", null],
  ["0 7 * * MON", null],
  ["no", null],
])("%s", (expression, rhythm) => {
  expect(cronRhythm(expression)).toEqual(rhythm);
});
