import { expect, test } from "vitest";
import { extendTo, type GridSize, move, movedBy, rangeOf, selectCell, step } from "./ranges.ts";

const size: GridSize = { rows: 100, columns: 5, lastRow: 100, pageRows: 20 };
const at = (row: number, column: number) => ({ row, column });

test("keys move, and stop at the edges", () => {
  expect(move(at(0, 0), "ArrowUp", false, size)).toEqual(at(-1, 0));
  expect(move(at(-1, 0), "ArrowUp", false, size)).toEqual(at(-1, 0));
  expect(move(at(99, 4), "ArrowDown", false, size)).toEqual(at(100, 4));
  expect(move(at(100, 4), "ArrowDown", false, size)).toEqual(at(100, 4));
  expect(move(at(3, 0), "ArrowLeft", false, size)).toEqual(at(3, -1));
  expect(move(at(3, 2), "End", false, size)).toEqual(at(3, 4));
  expect(move(at(3, 2), "Home", true, size)).toEqual(at(0, 0));
  expect(move(at(3, 2), "End", true, size)).toEqual(at(99, 4));
  expect(move(at(95, 2), "PageDown", false, size)).toEqual(at(99, 2));
  expect(move(at(5, 2), "PageUp", false, size)).toEqual(at(0, 2));
  expect(move(at(5, 2), "a", false, size)).toBeNull();
});

test("an empty grid has only the head and the place for a new row", () => {
  const empty = { rows: 0, columns: 2, lastRow: 0, pageRows: 20 };
  expect(move(at(-1, 0), "ArrowDown", false, empty)).toEqual(at(0, 0));
  expect(move(at(0, 0), "PageDown", false, empty)).toEqual(at(0, 0));
  expect(rangeOf(selectCell(at(0, 0)), empty)).toBeNull();
});

test.each([
  ["both ends move", -1, -1, [4, 7]],
  ["a row between them goes", 0, -1, [5, 7]],
  ["one end is not known", 2, undefined, [7, 10]],
  ["neither is known", undefined, undefined, [5, 8]],
  ["the head is gone", -1, null, [4, 4]],
  ["the anchor is gone", null, -1, [7, 7]],
  ["both are gone", null, null, [5, 5]],
])("a selection moves with its records: %s", (_, anchorBy, headBy, rows) => {
  const moved = movedBy(extendTo(selectCell(at(5, 1)), at(8, 2)), anchorBy, headBy);
  expect([moved.anchor.row, moved.head.row]).toEqual(rows);
  expect([moved.anchor.column, moved.head.column]).toEqual([1, 2]);
});

test("a selection is a rectangle whichever way it is drawn", () => {
  const drawn = extendTo(selectCell(at(7, 3)), at(2, 1));
  expect(rangeOf(drawn, size)).toEqual({ top: 2, left: 1, bottom: 7, right: 3 });
  expect(rangeOf({ ...drawn, kind: "rows" }, size)).toEqual({ top: 2, left: 0, bottom: 7, right: 4 });
  expect(rangeOf({ ...drawn, kind: "columns" }, size)).toEqual({ top: 0, left: 1, bottom: 99, right: 3 });
  expect(rangeOf({ ...drawn, kind: "all" }, size)).toEqual({ top: 0, left: 0, bottom: 99, right: 4 });
  expect(rangeOf(extendTo(selectCell(at(98, 0)), at(100, 0)), size)?.bottom).toBe(99);
});

test("Tab goes over the edge of a row, and leaves the grid at its end", () => {
  const single = rangeOf(selectCell(at(4, 4)), size);
  expect(step(at(4, 4), "column", false, single, size)).toEqual(at(5, 0));
  expect(step(at(0, 0), "column", true, rangeOf(selectCell(at(0, 0)), size), size)).toBeNull();
  expect(step(at(100, 4), "column", false, null, size)).toBeNull();
});

test("inside a selection Tab and Enter walk around in it", () => {
  const range = { top: 1, left: 1, bottom: 2, right: 2 };
  const walk = (direction: "row" | "column", from: { row: number; column: number }) =>
    step(from, direction, false, range, size);
  expect(walk("column", at(1, 2))).toEqual(at(2, 1));
  expect(walk("column", at(2, 2))).toEqual(at(1, 1));
  expect(walk("row", at(2, 1))).toEqual(at(1, 2));
  expect(step(at(1, 1), "row", true, range, size)).toEqual(at(2, 2));
});
