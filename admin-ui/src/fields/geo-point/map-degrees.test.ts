import { expect, test } from "vitest";
import { decimalsAt, degreeLabel, degreesApart, linesBetween } from "./map-degrees.ts";

test.each(Array.from({ length: 20 }, (_, zoom) => zoom))("at level %i lines are apart, and none too far", (zoom) => {
  const pixels = (degreesApart(zoom) * 256 * 2 ** zoom) / 360;
  expect(pixels).toBeGreaterThanOrEqual(40);
  expect(pixels).toBeLessThan(350);
});

test("a click says as much as a pixel is worth", () => {
  expect([0, 1, 8, 15, 19].map(decimalsAt)).toEqual([0, 1, 3, 5, 6]);
});

test("lines and their labels", () => {
  expect(linesBetween(11.42, 11.71, 0.1)).toEqual([11.5, 11.6, 11.7]);
  expect(linesBetween(-0.1, 0.1, 0.1)).toEqual([-0.1, 0, 0.1]);
  expect(degreeLabel(11.5, 0.1, "longitude")).toBe("11.5° E");
  expect(degreeLabel(190, 10, "longitude")).toBe("170° W");
  expect(degreeLabel(-22.95, 0.05, "latitude")).toBe("22.95° S");
  expect(degreeLabel(0, 5, "latitude")).toBe("0°");
});
