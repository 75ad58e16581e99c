import { expect, test } from "vitest";
import { continueSeries } from "./fill.ts";

test("one value is repeated", () => {
  expect(continueSeries([5], 3)).toEqual([5, 5, 5]);
  expect(continueSeries(["Room 7"], 2)).toEqual(["Room 7", "Room 7"]);
  expect(continueSeries([true], 1)).toEqual([true]);
});

test("numbers go on in equal steps, without binary dust", () => {
  expect(continueSeries([1, 2], 3)).toEqual([3, 4, 5]);
  expect(continueSeries([0.1, 0.2], 2)).toEqual([0.3, 0.4]);
  expect(continueSeries([10, 5], 2, true)).toEqual([15, 20]);
});

test("whole numbers keep all their digits", () => {
  expect(continueSeries([4006381333931, 4006381333932], 2)).toEqual([4006381333933, 4006381333934]);
  expect(continueSeries([9007199254740989, 9007199254740990], 1)).toEqual([9007199254740991]);
});

test("numbers without a common step are repeated in order", () => {
  expect(continueSeries([1, 2, 5], 4)).toEqual([1, 2, 5, 1]);
});

test("days go on by days, weeks and months", () => {
  const day = (text: string) => `${text} 00:00:00.000Z`;
  expect(continueSeries([day("2026-12-30"), day("2026-12-31")], 1)).toEqual([day("2027-01-01")]);
  expect(continueSeries([day("2026-01-31"), day("2026-03-31")], 2)).toEqual([day("2026-05-31"), day("2026-07-31")]);
  expect(continueSeries([day("2026-11-15"), day("2026-12-15"), day("2027-01-15")], 2)).toEqual([
    day("2027-02-15"),
    day("2027-03-15"),
  ]);
  expect(continueSeries([day("2026-10-31"), day("2026-11-30")], 1)).toEqual([day("2026-12-30")]);
});

test("numbered names are counted on, with their zeros", () => {
  expect(continueSeries(["Table 01", "Table 02"], 2)).toEqual(["Table 03", "Table 04"]);
  expect(continueSeries(["a", "b"], 3)).toEqual(["a", "b", "a"]);
});

test("upwards, the pattern is kept in order", () => {
  expect(continueSeries(["a", "b"], 3, true)).toEqual(["b", "a", "b"]);
});
