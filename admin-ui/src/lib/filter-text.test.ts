import { expect, test } from "vitest";
import { toFilter } from "./filter-text.ts";

const fields = ["id", "title", "price", "author"];

test.each([
  ["", ""],
  ["   ", ""],
  ["rye bread", 'id = "rye bread" || title ~ "rye bread" || note ~ "rye bread"'],
  ['say "hi"', 'id = "say \\"hi\\"" || title ~ "say \\"hi\\"" || note ~ "say \\"hi\\""'],
  ["50%", 'id = "50%" || title ~ "%50%%" || note ~ "%50%%"'],
  ["Smith = baker?", 'id = "Smith = baker?" || title ~ "Smith = baker?" || note ~ "Smith = baker?"'],
  ["price > 5", "price > 5"],
  ["price>5 && title~'x'", "price>5 && title~'x'"],
  ["title:lower = 'x'", "title:lower = 'x'"],
  ["author.name ?~ 'ana'", "author.name ?~ 'ana'"],
  ["(price >= 1)", "(price >= 1)"],
  ["comments_via_post.text ~ 'x'", "comments_via_post.text ~ 'x'"],
  ["@now > '2026'", "@now > '2026'"],
])("%s", (typed, expected) => {
  expect(toFilter(typed, ["title", "note"], fields)).toBe(expected);
});

test("a long search keeps within what the server takes", () => {
  const many = Array.from({ length: 200 }, (_, index) => `field_number_${index}`);
  const filter = toFilter("something", many, many);
  expect(filter.length).toBeLessThanOrEqual(3500);
  expect(filter.endsWith('"something"')).toBe(true);
});
