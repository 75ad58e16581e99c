import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { keys } from "#api/keys.ts";
import type { Collection, Field, StoredRecord } from "#api/types.ts";
import { formatDate, formatStoredNumber } from "#lib/format.ts";
import { kindOf } from "./registry.ts";

const field = (type: string, more: Partial<Field> = {}): Field => ({
  id: "f",
  name: "f",
  type,
  system: false,
  hidden: false,
  presentable: false,
  ...more,
});

const people: Collection = {
  id: "pbc_people",
  name: "people",
  type: "base",
  system: false,
  createRule: null,
  fields: [field("text", { name: "name" })],
};

/** The words somebody sees, in the cell or in the panel. */
function words(part: "Cell" | "Detail", shown: Field, value: unknown, expand?: StoredRecord["expand"]): string {
  const cache = new QueryClient();
  cache.setQueryData(keys.collections(), [people]);
  const Part = kindOf(shown)[part];
  const record = { id: "r1", collectionId: "pbc_1", collectionName: "things", f: value, expand };
  const html = renderToStaticMarkup(
    <QueryClientProvider client={cache}>
      <Part field={shown} value={value} record={record} />
    </QueryClientProvider>,
  );
  return html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

const day = "2026-11-20 00:00:00.000Z";
const ana = { id: "p1", collectionId: "pbc_people", collectionName: "people", name: "Ana" };

test.each([
  ["text", "Rye & co", "Rye &amp; co"],
  ["text", null, ""],
  ["editor", "<p>Hello <b>you</b></p>", "Hello you"],
  ["number", 1234.5, formatStoredNumber(1234.5)],
  ["bool", true, "Yes"],
  ["bool", false, "No"],
  ["email", "a@b.co", "a@b.co"],
  ["url", "https://example.com/x", "example.com/x"],
  ["date", day, formatDate(day)],
  ["date", "", ""],
  ["autodate", day, formatDate(day)],
  ["select", "open", "open"],
  ["select", ["a", "b"], "a b"],
  ["select", [], ""],
  ["file", "scan.pdf", "scan.pdf"],
  ["file", ["1.pdf", "2.pdf", "3.pdf", "4.pdf", "5.pdf"], "+1"],
  ["json", { a: [1] }, "{&quot;a&quot;:[1]}"],
  ["json", null, ""],
  ["geoPoint", { lon: 1, lat: 2 }, "2.0000° N, 1.0000° E"],
  ["password", "", "never shown"],
  ["somethingNew", 5, "5"],
])("a cell for %s %j shows %j", (type, value, expected) => {
  expect(words("Cell", field(type), value)).toBe(expected);
});

test.each(["text", "editor", "email", "url", "date", "select", "relation", "file", "json", "geoPoint"])(
  "the panel says so when a %s is empty",
  (type) => {
    expect(words("Detail", field(type), type === "json" ? null : "")).toContain("empty");
  },
);

test("a relation is shown by name where the record came along, else by id", () => {
  const relation = field("relation", { collectionId: "pbc_people", maxSelect: 5 });
  expect(words("Cell", relation, ["p1", "p2"], { f: [ana] })).toBe("Ana p2");
  expect(words("Detail", { ...relation, maxSelect: 1 }, "p1", { f: ana })).toBe("Ana");
});

test("only web addresses become links", () => {
  const html = (value: string) => renderToStaticMarkup(<UrlDetail value={value} />);
  expect(html("https://example.com")).toContain("<a");
  expect(html("javascript:alert(1)")).not.toContain("<a");
});

function UrlDetail({ value }: { value: string }) {
  const { Detail } = kindOf(field("url"));
  return <Detail field={field("url")} value={value} record={{ id: "r", collectionId: "c", collectionName: "c" }} />;
}
