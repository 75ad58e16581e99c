import { expect, test } from "vitest";
import { formatPoint, mapUrl, readPoint } from "./point.ts";

test.each([
  [{ lon: 23.3219, lat: 42.6977 }, "42.6977° N, 23.3219° E"],
  [{ lon: -43.2, lat: -22.9 }, "22.9000° S, 43.2000° W"],
])("%o", (value, text) => {
  const point = readPoint(value);
  expect(point && formatPoint(point)).toBe(text);
});

test.each([[{ lon: 0, lat: 0 }], [null], ["x"], [{ lon: "1", lat: 2 }]])("%o is no place", (value) => {
  expect(readPoint(value)).toBeNull();
});

test("the map opens at the place", () => {
  expect(mapUrl({ lon: 1.5, lat: 2.5 })).toBe("https://www.openstreetmap.org/?mlat=2.5&mlon=1.5#map=15/2.5/1.5");
});
