import { expect, test } from "vitest";
import { parseTsv, pastedSize, squared, writeTsv } from "./clipboard.ts";

test("what is written is read back, whatever stands in the cells", () => {
  const rows = [
    ["plain", "", 'with "quotes" inside', '"quoted"'],
    ["two\nlines", "tab\there", "carriage\r\nreturn", "=1+1"],
    ["", "", "", '"'],
  ];
  expect(parseTsv(writeTsv(rows))).toEqual(rows);
});

test("Excel ends the block with a line end, Sheets does not", () => {
  expect(parseTsv("a\tb\r\nc\td\r\n")).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
  expect(parseTsv("a\tb\nc\td")).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
  expect(parseTsv("")).toEqual([[""]]);
  expect(parseTsv("a\n\nb\n")).toEqual([["a"], [""], ["b"]]);
});

test("a cell with a line end is one cell", () => {
  expect(parseTsv('"first\nsecond"\tx\n')).toEqual([["first\nsecond", "x"]]);
});

test("a quote that does not enclose the whole cell is text", () => {
  expect(parseTsv('5" nails\t"unfinished\nx')).toEqual([['5" nails', '"unfinished'], ["x"]]);
  expect(parseTsv('"said" he\tb')).toEqual([['"said" he', "b"]]);
});

test("a block is repeated over a selection that is a multiple of it", () => {
  expect(pastedSize({ rows: 1, columns: 1 }, { rows: 5, columns: 2 })).toEqual({ rows: 5, columns: 2 });
  expect(pastedSize({ rows: 2, columns: 1 }, { rows: 5, columns: 1 })).toEqual({ rows: 2, columns: 1 });
  expect(pastedSize({ rows: 3, columns: 3 }, { rows: 1, columns: 1 })).toEqual({ rows: 3, columns: 3 });
});

test("rows of different length are filled up", () => {
  expect(squared([["a"], ["b", "c"]], "")).toEqual([
    ["a", ""],
    ["b", "c"],
  ]);
});
