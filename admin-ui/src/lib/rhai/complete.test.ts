import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { completeRhai, GLOBALS, MEMBERS } from "./complete.ts";

const COLLECTIONS = [
  { name: "orders", fields: [{ name: "id" }, { name: "total" }] },
  { name: "products", fields: [{ name: "id" }, { name: "stock" }] },
];

/** The names offered where the text ends, and what was typed of the name. */
function at(text: string): { typed: string; names: string[] } | null {
  const found = completeRhai(text, text.length, COLLECTIONS);
  return found && { typed: text.slice(found.from), names: found.options.map(({ label }) => label) };
}

test("members of what stands before the dot", () => {
  expect(at("let x = db.fi")).toMatchObject({ typed: "fi", names: expect.arrayContaining(["find", "first"]) });
  expect(at("|e| e.db.")?.names).toContain("save");
  expect(at("e.")?.names).toContain("record");
  expect(at("e.record.to")?.names).toEqual([
    "id",
    "stock",
    "total",
    "expand",
    "is_changed",
    "to_map",
    "collection_name",
  ]);
  expect(at("payload.")).toBeNull();
});

test("collections where one is named", () => {
  expect(at('before_create("ord')).toEqual({ typed: "ord", names: ["orders", "products"] });
  expect(at('after_update(["orders", "')?.names).toEqual(["orders", "products"]);
  expect(at('let p = db.find("pr')?.names).toEqual(["orders", "products"]);
});

test("functions elsewhere, and nothing inside texts, comments and numbers", () => {
  expect(at("befo")?.names).toContain("before_create");
  expect(at('print("befo')).toBeNull();
  expect(at("// befo")).toBeNull();
  expect(at("let a = `befo")).toBeNull();
  expect(at("let a = `x ${no")?.names).toContain("now");
  expect(at("let a = 12")).toBeNull();
});

test("every name is described in the guide", () => {
  const guide = readFileSync(new URL("../../../../docs/scripting.md", import.meta.url), "utf8");
  const has = (name: string) => guide.includes(`- \`${name}`);
  const missing = GLOBALS.filter(({ label }) => !has(`${label}(`)).map(({ label }) => label);
  for (const [owner, members] of Object.entries(MEMBERS)) {
    const prefix = owner === "e.request" ? "request" : owner;
    missing.push(...members.map(({ label }) => `${prefix}.${label}`).filter((name) => !has(name)));
  }
  expect(missing).toEqual([]);
});
