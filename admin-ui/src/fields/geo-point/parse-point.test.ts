import { expect, test } from "vitest";
import { parsePoint } from "./parse-point.ts";

test.each([
  ["48.1, 11.6", 48.1, 11.6],
  [" 48.1 11.6 ", 48.1, 11.6],
  ["(48.1,11.6)", 48.1, 11.6],
  ["48,1; 11,6", 48.1, 11.6],
  ["48,137 11,575", 48.137, 11.575],
  ["48,11", 48, 11],
  ["-33.86;151.2", -33.86, 151.2],
  ["48°8'15\"N 11°34'30\"E", 48.1375, 11.575],
  ["33.9° S, 18.4° E", -33.9, 18.4],
  ["11.575° E, 48.1375° N", 48.1375, 11.575],
  ["https://www.google.com/maps/@48.1371,11.5754,15z", 48.1371, 11.5754],
  ["https://www.google.com/maps/place/X/@1.5,2.5,17z/data=!3m1!4b1!3d48.1371!4d11.5754", 48.1371, 11.5754],
  ["https://maps.google.com/?q=48.1371,11.5754", 48.1371, 11.5754],
  ["https://www.openstreetmap.org/#map=15/48.1371/-11.5754", 48.1371, -11.5754],
  ["https://www.openstreetmap.org/?mlat=42.69&mlon=23.32#map=15/1/2", 42.69, 23.32],
  ["geo:48.1371,11.5754?z=3", 48.1371, 11.5754],
])("%s is a place", (pasted, lat, lon) => {
  expect(parsePoint(pasted)).toEqual({ lat, lon });
});

test.each(["", "48.1", "Munich", "95, 11", "48, 181", "1, 2, 3", "https://example.com/48.1,11.6"])(
  "%s is none",
  (pasted) => expect(parsePoint(pasted)).toBeNull(),
);
