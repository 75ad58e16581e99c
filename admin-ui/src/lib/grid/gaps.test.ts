import { expect, test } from "vitest";
import { indexOf, placeOf } from "./gaps.ts";

test("shown rows keep their order, and hidden ones have no place among them", () => {
  const gaps = [0, 3, 4, 9];
  const shown = [1, 2, 5, 6, 7, 8, 10, 11];
  expect(shown.map((_, index) => placeOf(gaps, index))).toEqual(shown);
  expect(shown.map((place) => indexOf(gaps, place))).toEqual(shown.map((_, index) => index));
  expect(gaps.map((place) => indexOf(gaps, place))).toEqual([-1, -1, -1, -1]);
});

test("without gaps the two are the same", () => {
  expect([placeOf([], 7), indexOf([], 7)]).toEqual([7, 7]);
});
