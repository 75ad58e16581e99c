import { expect, test } from "vitest";
import { toCsv } from "./csv.ts";

test("cells are quoted where needed, and absent values are empty", () => {
  expect(
    toCsv([
      ["a", 'say "hi"'],
      ["1,5", null],
    ]),
  ).toBe('a,"say ""hi"""\r\n"1,5",\r\n');
});

test("what a spreadsheet would run is text, but numbers stay numbers", () => {
  expect(toCsv([["=1+1", "-5", "@x", "+49 30", "-"]])).toBe("'=1+1,-5,'@x,'+49 30,'-\r\n");
});
