import { expect, test } from "vitest";
import { fillHours } from "./fill-hours.ts";

test("hours without entries are there with none", () => {
  const filled = fillHours([
    { date: "2026-11-20 01:00:00.000Z", total: 3 },
    { date: "2026-11-21 03:00:00.000Z", total: 5 },
  ]);
  expect(filled).toHaveLength(27);
  expect(filled.at(0)).toEqual({ date: "2026-11-20 01:00:00.000Z", total: 3 });
  expect(filled.at(1)?.total).toBe(0);
  expect(filled.at(-1)?.total).toBe(5);
});

test("a single hour is shown at the end of a day, and nothing stays nothing", () => {
  expect(fillHours([{ date: "2026-11-20 01:00:00.000Z", total: 3 }])).toHaveLength(24);
  expect(fillHours([])).toEqual([]);
});
