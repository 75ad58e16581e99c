import { expect, test } from "vitest";
import { bestUnit } from "./units.ts";

test("an amount is shown in the largest unit without a fraction", () => {
  const units = [{ factor: 1 }, { factor: 60 }, { factor: 3600 }];
  expect(bestUnit(7200, units)).toBe(3600);
  expect(bestUnit(5400, units)).toBe(60);
  expect(bestUnit(61, units)).toBe(1);
  expect(bestUnit(0, units)).toBe(3600);
});
