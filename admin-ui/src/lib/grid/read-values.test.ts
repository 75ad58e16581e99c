import { expect, test } from "vitest";
import { readDate, writeDate } from "./read-date.ts";
import { losesDigits, readNumber, writeNumber } from "./read-number.ts";

test("numbers are read in the language's way, and in the other where it is clear", () => {
  expect(readNumber("1,234.5", "en")).toBe(1234.5);
  expect(readNumber("1.234,5", "en")).toBe(1234.5);
  expect(readNumber("1.234", "de")).toBe(1234);
  expect(readNumber("1.234", "en")).toBe(1.234);
  expect(readNumber("0,5", "en")).toBe(0.5);
  expect(readNumber("1 234,50 €", "de")).toBe(1234.5);
  expect(readNumber("1'234.50", "en")).toBe(1234.5);
  expect(readNumber("$1,000,000", "en")).toBe(1_000_000);
  expect(readNumber("(5)", "en")).toBe(-5);
  expect(readNumber("1e3", "en")).toBe(1000);
  expect(readNumber("-.5", "en")).toBe(-0.5);
});

test("what is no number is not guessed", () => {
  for (const text of ["", "abc", "1.2.3", "12abc", "--1", "1,2,3.4.5", "0x10", "NaN", "."]) {
    expect(readNumber(text, "en"), text).toBeNull();
  }
});

test.each([
  ["9007199254740993", true],
  ["-9,007,199,254,740,993", true],
  ["+9007199254740993 €", true],
  ["9007199254740992", false],
  ["12345678901234567000", false],
  ["4006381333931", false],
  ["1.0000000000000000", false],
  ["0.12345678901234567", false],
  ["1e400", false],
  ["many", false],
])("%s loses digits: %s", (text, expected) => {
  expect(losesDigits(text, "en")).toBe(expected);
});

test("a number is written so that a spreadsheet of the language reads it", () => {
  expect(writeNumber(1234.5, "de")).toBe("1234,5");
  expect(writeNumber(1234.5, "en")).toBe("1234.5");
});

test("a day alone is midnight UTC", () => {
  const day = "2026-11-20 00:00:00.000Z";
  for (const text of ["2026-11-20", "20.11.2026", "20.11.26", "2026/11/20", "20 Nov 2026", "November 20, 2026"]) {
    expect(readDate(text, "en-US"), text).toBe(day);
  }
  expect(readDate("11/20/2026", "en-US")).toBe(day);
  expect(readDate("20/11/2026", "en-GB")).toBe(day);
  expect(readDate("20/11/2026", "en-US")).toBe(day);
  expect(readDate("3/4/2026", "en-US")).toBe("2026-03-04 00:00:00.000Z");
  expect(readDate("3/4/2026", "en-GB")).toBe("2026-04-03 00:00:00.000Z");
});

test("a time is of the viewer's zone, unless it says another", () => {
  const local = new Date(2026, 10, 20, 14, 30).toISOString().replace("T", " ");
  for (const text of ["2026-11-20 14:30", "20.11.2026 14:30", "11/20/2026 2:30 PM", "2026-11-20T14:30:00"]) {
    expect(readDate(text, "en-US"), text).toBe(local);
  }
  expect(readDate("2026-11-20T14:30:00Z", "en")).toBe("2026-11-20 14:30:00.000Z");
  expect(readDate("2026-11-20 14:30+02:00", "en")).toBe("2026-11-20 12:30:00.000Z");
  expect(readDate("2026-11-20 14:30:05.123Z", "en")).toBe("2026-11-20 14:30:05.123Z");
});

test("days that do not exist are not moved to others", () => {
  for (const text of ["2026-02-30", "31.4.2026", "soon", "", "2026-13-01", "12", "2026-11-20 25:00", "99/99/9999"]) {
    expect(readDate(text, "en"), text).toBeNull();
  }
});

test("what is written is read back", () => {
  for (const value of ["2026-11-20 00:00:00.000Z", "2026-11-20 23:59:59.999Z", "2026-03-29 01:30:00.000Z"]) {
    expect(readDate(writeDate(value), "en")).toBe(value);
  }
});
