import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fromDayInput, fromTimeInput, isDay, toDayInput, toTimeInput, zoneOffset } from "./zoned-date.ts";

const zoneBefore = process.env.TZ;
afterEach(() => {
  process.env.TZ = zoneBefore;
});

describe("in Berlin", () => {
  beforeEach(() => {
    process.env.TZ = "Europe/Berlin";
  });

  test("a moment is shown in the zone and stored in UTC", () => {
    expect(toTimeInput("2026-11-20 21:52:35.176Z", "local")).toBe("2026-11-20T22:52:35.176");
    expect(toTimeInput("2026-07-01 10:00:00.000Z", "local")).toBe("2026-07-01T12:00");
    expect(fromTimeInput("2026-07-01T12:00", "local")).toBe("2026-07-01 10:00:00.000Z");
    expect(fromTimeInput("2026-11-20T22:52:35.176", "local")).toBe("2026-11-20 21:52:35.176Z");
  });

  test("both directions meet, in summer and in winter", () => {
    for (const stored of ["2026-01-15 23:30:00.000Z", "2026-07-15 23:30:05.000Z", "1970-01-01 00:00:00.001Z"]) {
      expect(fromTimeInput(toTimeInput(stored, "local"), "local")).toBe(stored);
      expect(fromTimeInput(toTimeInput(stored, "utc"), "utc")).toBe(stored);
    }
  });

  test("a year that is being typed stays what was typed", () => {
    for (const typed of ["0002-07-01T12:00", "0020-07-01T12:00", "0202-07-01T12:00", "1850-07-01T12:00"]) {
      expect(toTimeInput(fromTimeInput(typed, "local"), "local")).toBe(typed);
    }
  });

  test("the distance to UTC is that of the moment, not of today", () => {
    expect(zoneOffset("2026-01-01 12:00:00.000Z")).toBe("UTC+1");
    expect(zoneOffset("2026-07-01 12:00:00.000Z")).toBe("UTC+2");
  });

  test("a day stays that day", () => {
    expect(toDayInput("2024-05-06 00:00:00.000Z")).toBe("2024-05-06");
    expect(fromDayInput("2024-05-06")).toBe("2024-05-06 00:00:00.000Z");
  });
});

test("zones with half hours, west of Greenwich", () => {
  process.env.TZ = "America/St_Johns";
  expect(zoneOffset("2026-01-01 12:00:00.000Z")).toBe("UTC−3:30");
  expect(toDayInput("2024-05-06 00:00:00.000Z")).toBe("2024-05-06");
});

test("midnight UTC is a day, nothing and nonsense are not", () => {
  expect(isDay("2024-05-06 00:00:00.000Z")).toBe(true);
  expect(isDay("2024-05-06 00:00:01.000Z")).toBe(false);
  expect(isDay("")).toBe(false);
  expect(isDay("soon")).toBe(false);
  expect(toTimeInput("soon", "utc")).toBe("");
  expect(fromTimeInput("2026-99-99T00:00", "local")).toBe("");
});
