import { expect, test } from "vitest";
import { readBody } from "./body.ts";
import { everyItem, leavesOf, shortPath } from "./leaves.ts";

const pathsOf = (value: unknown) => leavesOf(value).map(({ path }) => path);

test("every value has a path, lists are shown by their first item, and odd names are quoted", () => {
  expect(pathsOf({ id: 1, data: { "event-data": { "it's": true } }, items: [{ sku: "A" }, { sku: "B" }] })).toEqual([
    "$.id",
    "$.data",
    "$.data['event-data']",
    "$.data['event-data']['it\\'s']",
    "$.items",
    "$.items[0]",
    "$.items[0].sku",
  ]);
  expect(pathsOf({ 'a"b\\c\n': 1 })).toEqual([`$['a"b\\\\c\\n']`]);
  expect(pathsOf("hello")).toEqual(["$"]);
  expect(everyItem("$.items[0].sku")).toBe("$.items[*].sku");
  expect(shortPath("$.a.b")).toBe("a.b");
  expect(shortPath("$['a-b']")).toBe("['a-b']");
  expect(shortPath("$")).toBe("$");
});

test("what is deep or wide does not stop the page", () => {
  const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`n${at}`, at]));
  expect(leavesOf(wide).length).toBeLessThan(500);
  let deep: unknown = 1;
  for (let depth = 0; depth < 500; depth++) deep = { a: deep };
  expect(leavesOf(deep).length).toBeLessThan(50);
});

test("a body is JSON, a form with lists and a payload, or text", () => {
  expect(readBody("  ")).toEqual({ kind: "empty" });
  expect(readBody('{"a":1}')).toEqual({ kind: "json", value: { a: 1 } });
  expect(readBody("From=%2B1555&Tag=a&Tag=b+c")).toEqual({ kind: "form", value: { From: "+1555", Tag: ["a", "b c"] } });
  expect(readBody("payload=%7B%22user%22%3A1%7D")).toEqual({ kind: "form", value: { payload: { user: 1 } } });
  expect(readBody("hello you = me")).toEqual({ kind: "text", value: "hello you = me" });
  expect(readBody('{"a":').kind).toBe("broken");
});
