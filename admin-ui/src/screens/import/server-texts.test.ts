import { expect, test } from "vitest";
import { words } from "#words/words.ts";
import { sayReason, sayWhy } from "./server-texts.ts";

test("what the server says of a link is said in the words of the page", () => {
  const { said } = words().imports;
  expect(sayReason('no record of customers has the name "Cafe Gruenwald"')).toBe(
    said.noMatch("customers", "name", "Cafe Gruenwald"),
  );
  expect(sayReason('several records of customers have the name "Anna"')).toBe(
    said.manyMatch("customers", "name", "Anna"),
  );
  expect(sayWhy("amounts of money, and a number does not keep the currency")).toBe(said.money);
  expect(sayReason("something new")).toBe("something new");
});
