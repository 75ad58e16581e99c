import { expect, test } from "vitest";
import { blockEdge } from "./block-edge.ts";

/** `x` is a filled cell, `.` an empty one, `?` one that is not known. */
function jump(line: string, from: number, by: 1 | -1) {
  const isFilled = (index: number) => (line[index] === "?" ? null : line[index] === "x");
  return blockEdge({ from, by, last: line.length - 1, isFilled });
}

const known = (at: number) => ({ at, isKnown: true });

test("from inside a block, its last cell", () => {
  expect(jump("xxx..xx", 0, 1)).toEqual(known(2));
  expect(jump("xxx..xx", 6, -1)).toEqual(known(5));
  expect(jump("xxxx", 1, 1)).toEqual(known(3));
  expect(jump("xxxx", 1, -1)).toEqual(known(0));
});

test("from the end of a block or an empty cell, the next filled one, or the end of the line", () => {
  expect(jump("xxx..xx", 2, 1)).toEqual(known(5));
  expect(jump("xxx..xx", 3, 1)).toEqual(known(5));
  expect(jump("xxx..xx", 5, -1)).toEqual(known(2));
  expect(jump("xx...", 1, 1)).toEqual(known(4));
  expect(jump("...xx", 3, -1)).toEqual(known(0));
});

test("from the outermost cell a step beyond, and from there into the line", () => {
  expect(jump("xxx", 0, -1)).toEqual(known(-1));
  expect(jump("xxx", 2, 1)).toEqual(known(3));
  expect(jump("xxx", -1, 1)).toEqual(known(0));
  expect(jump("..x", 3, -1)).toEqual(known(2));
  expect(jump("", 0, 1)).toEqual(known(1));
});

test("says when it does not know, and how far it came", () => {
  expect(jump("xxx??", 0, 1)).toEqual({ at: 2, isKnown: false });
  expect(jump("x..??", 0, 1)).toEqual({ at: 2, isKnown: false });
  expect(jump("x????", 0, 1)).toEqual({ at: 0, isKnown: false });
  expect(jump("??xx", 3, -1)).toEqual({ at: 2, isKnown: false });
});
