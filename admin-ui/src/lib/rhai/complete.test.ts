import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { completeRhai } from "./complete.ts";

const COLLECTIONS = [
  {
    name: "orders",
    fields: [
      { name: "id", type: "text" },
      { name: "total", type: "number" },
      { name: "placed", type: "date" },
    ],
  },
  {
    name: "products",
    fields: [
      { name: "id", type: "text" },
      { name: "stock", type: "number" },
    ],
  },
];

/** The names offered where the text ends, and what was typed of the name. */
function at(text: string, isTest = false): { typed: string; names: string[] } | null {
  const found = completeRhai(text, text.length, { collections: COLLECTIONS, isTest });
  return found && { typed: text.slice(found.from), names: found.options.map(({ label }) => label) };
}

test("members of what stands before the dot", () => {
  expect(at("let x = db.fi")).toMatchObject({ typed: "fi", names: expect.arrayContaining(["find", "first"]) });
  expect(at("|e| e.db.")?.names).toContain("save");
  expect(at("e.")?.names).toContain("record");
  const fields = ["id", "placed", "stock", "total"];
  expect(at("e.record.to")?.names.slice(0, 4)).toEqual(fields);
  expect(at("e.record.to")?.names).toEqual(expect.arrayContaining(["expand", "is_changed", "to_map"]));
  expect(at("e.request.query.")?.names).toEqual(["to_map"]);
  expect(at("req.")?.names).toContain("params");
  expect(at("payload.")).toBeNull();
  expect(at("http_get(url).")).toBeNull();
});

test("the fields of the collection that a variable was read from", () => {
  const script = 'let order = db.find("orders", id);\nfor product in db.each("products") {\n';
  expect(at(`${script} order.`)?.names.slice(0, 3)).toEqual(["id", "placed", "total"]);
  expect(at(`${script} product.`)?.names.slice(0, 2)).toEqual(["id", "stock"]);
  expect(at(`${script} other.`)).toBeNull();
});

test("what a field's value can be asked, by its type", () => {
  expect(at("e.record.placed.")?.names).toEqual(expect.arrayContaining(["format", "plus_days"]));
  expect(at("e.record.total.")?.names).toContain("round");
  expect(at("e.record.id.")?.names).toEqual(expect.arrayContaining(["slug", "pad_start"]));
});

test("collections where one is named", () => {
  expect(at('before_create("ord')).toEqual({ typed: "ord", names: ["orders", "products"] });
  expect(at('after_update(["orders", "')?.names).toEqual(["orders", "products"]);
  expect(at('after_sign_in("')?.names).toEqual(["orders", "products"]);
  expect(at('let p = db.find("pr')?.names).toEqual(["orders", "products"]);
  expect(at('db.sql("pr')).toBeNull();
});

test("functions elsewhere, and nothing inside texts, comments and numbers", () => {
  expect(at("befo")?.names).toContain("before_create");
  expect(at('print("befo')).toBeNull();
  expect(at("// befo")).toBeNull();
  expect(at("let a = `befo")).toBeNull();
  expect(at("let a = `x ${no")?.names).toContain("now");
  expect(at("let a = 12")).toBeNull();
});

test("functions of tests in tests only", () => {
  expect(at("assert")?.names).not.toContain("assert_eq");
  expect(at("assert", true)?.names).toContain("assert_eq");
});

test("a function comes with its parameters and what it does", () => {
  const count = completeRhai("db.", 3, { collections: [] })?.options.find(({ label }) => label === "count");
  expect(count).toMatchObject({ kind: "function", detail: "(collection, filter, values)" });
  expect(count?.info).toMatch(/number of records/);
});

test("every function and object of the reference is offered", () => {
  const guide = readFileSync(new URL("../../../../docs/scripting.md", import.meta.url), "utf8");
  const written = guide.slice(guide.indexOf("<!-- reference: begin -->"), guide.indexOf("<!-- reference: end -->"));
  const plain = [...written.matchAll(/^- `([a-z]\w*)\(/gm)].map(([, name]) => name ?? "");
  const objects = [...written.matchAll(/^### `(\w+)`/gm)].map(([, name]) => name ?? "");
  const offered = new Set(at("", true)?.names);
  expect(plain.length).toBeGreaterThan(100);
  expect([...plain, ...objects].filter((name) => !offered.has(name))).toEqual([]);
  for (const object of objects) {
    const members = [...written.matchAll(new RegExp(`^- \`${object}\\.([a-z]\\w*)`, "gm"))].map(
      ([, name]) => name ?? "",
    );
    expect(at(`${object}.`)?.names).toEqual(expect.arrayContaining(members));
  }
});
