import { expect, test } from "vitest";
import { readFault } from "./fault.ts";
import { nearestName } from "./near.ts";

const finding = (message: string, params: object) => ({
  code: "validation_invalid_filter",
  message,
  params: { ...params },
});
const unknown = (offset: number, length: number, suggestion?: string) =>
  finding(`unknown field "x"${suggestion ? `; did you mean "${suggestion}"?` : ""}`, { offset, length, suggestion });

test("an unknown field is named, and mended where it was typed", () => {
  const typed = "number = 1 || totl > 5";
  const mended = { unknownField: "totl", suggestion: "total", corrected: "number = 1 || total > 5" };
  expect(readFault(unknown(14, 4, "total"), typed, typed)).toEqual(mended);
  const sent = `(paid = true) && (${typed})`;
  expect(readFault(unknown(sent.indexOf("totl"), 4, "total"), sent, typed)).toEqual(mended);
});

test("what stands before the typed part is not mended in it", () => {
  const fault = readFault(unknown(1, 4, "paid"), "(piad = true) && (total > 5)", "total > 5");
  expect(fault).toEqual({ unknownField: "piad", suggestion: "paid", corrected: undefined });
});

test("names that the server does not think of", () => {
  const suggest = (name: string) => (name === "status" ? "data.status" : undefined);
  expect(readFault(unknown(0, 6), "status > 3", "status > 3", suggest)).toEqual({
    unknownField: "status",
    suggestion: "data.status",
    corrected: "data.status > 3",
  });
});

test("other mistakes are no unknown fields", () => {
  const fault = readFault(finding("expected a value after >", { offset: 7, length: 0 }), "total >", "total >");
  expect(fault).toEqual({ unknownField: null, suggestion: undefined, corrected: undefined });
});

test.each([
  ["totl", "total"],
  ["ttoal", "total"],
  ["TOTAL", "total"],
  ["billingCty", "billingCity"],
  ["nr", undefined],
  ["price", undefined],
  ["id", "id"],
])("%s is near %s", (name, expected) => {
  expect(nearestName(name, ["id", "total", "totals", "billingCity", "billingCountry"])).toBe(expected);
});
