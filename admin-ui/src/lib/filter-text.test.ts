import { expect, test } from "vitest";
import { asPhrase, toFilter } from "./filter-text.ts";

const fields = ["id", "title", "price", "author"];

function contains(text: string): string {
  const value = JSON.stringify(text);
  return `id = ${value} || title ~ ${value} || note ~ ${value}`;
}

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
  // Misspelt fields: the server says so.
  ["pirce > 5", "pirce > 5"],
  ["pirce >", "pirce >"],
  ["titel ~ rye", "titel ~ rye"],
  ["Title = 'x'", "Title = 'x'"],
  ["total > 5", "total > 5"],
  ["billingCty = 'Oslo'", "billingCty = 'Oslo'"],
  ["city='Oslo' && zip = true", "city='Oslo' && zip = true"],
  ["5 < price", "5 < price"],
  ["strftime('%Y', title) = '2026'", "strftime('%Y', title) = '2026'"],
  // Words that only look a little like a filter.
  ["Smith = baker", contains("Smith = baker")],
  ["https://example.com/?a=1", contains("https://example.com/?a=1")],
  ["C++ = 5", contains("C++ = 5")],
  ["2 > 1", contains("2 > 1")],
  ["<3", contains("<3")],
  // Quotes ask for the text.
  ['"rye bread"', contains("rye bread")],
  [asPhrase("price > 5"), contains("price > 5")],
  [asPhrase('total > "x"'), contains('total > "x"')],
  ['"rye" and "wheat"', contains('"rye" and "wheat"')],
  ['""', ""],
])("%s", (typed, expected) => {
  expect(toFilter(typed, { texts: ["title", "note"] }, fields)).toBe(expected);
});

test("a long search keeps within what the server takes", () => {
  const many = Array.from({ length: 200 }, (_, index) => `field_number_${index}`);
  const filter = toFilter("something", { texts: many }, many);
  expect(filter.length).toBeLessThanOrEqual(3500);
  expect(filter.endsWith('"something"')).toBe(true);
});

test("numbers are looked for as a whole, and names word by word", () => {
  const searched = {
    texts: ["note"],
    numbers: ["orderNo"],
    names: [{ paths: ["customer.first", "customer.last"], operator: "~" as const }],
  };
  expect(toFilter("1042", searched, [])).toBe(
    'id = "1042" || note ~ "1042" || orderNo = 1042 || (customer.first ~ "1042" || customer.last ~ "1042")',
  );
  expect(toFilter("4,5", { texts: [], numbers: ["price"] }, [])).toBe('id = "4,5" || price = 4.5');
  expect(toFilter("Ana Berg", searched, [])).toBe(
    'id = "Ana Berg" || note ~ "Ana Berg" || ' +
      '((customer.first ~ "Ana" || customer.last ~ "Ana") && (customer.first ~ "Berg" || customer.last ~ "Berg"))',
  );
});
