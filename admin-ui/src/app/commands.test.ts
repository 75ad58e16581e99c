import { expect, test } from "vitest";
import type { Collection } from "#api/types.ts";
import { de } from "#words/de/index.ts";
import { en } from "#words/en/index.ts";
import { es } from "#words/es/index.ts";
import { setWords } from "#words/words.ts";
import { allCommands, findCommands } from "./commands.ts";
import { collectionAt, recentFirst } from "./recent-collections.ts";

const collections = Array.from({ length: 50 }, (_, index) => ({
  id: `c${index}`,
  name: index === 0 ? "users" : `many_${index}`,
  type: index === 0 ? "auth" : "base",
  system: false,
  fields: [],
})) as unknown as Collection[]; // what the commands read of a collection

const find = (typed: string, current?: string) =>
  findCommands(allCommands(collections, current), typed).map(({ label }) => label);

test.each([
  ["smtp", "Settings: Mail"],
  ["storage", "Settings: Files"],
  ["S3", "Settings: Files"],
  ["rate limit", "Settings: Limits"],
  ["proxy", "Settings: Access"],
  ["cron", "Scheduled jobs"],
  ["restore", "Backups"],
  ["token", "users: signing in and tokens"],
  ["make a backup", "Make a backup"],
  ["import a file", "Bring in a file"],
  ["new coll", "New collection"],
  ["test mail", "Send a test mail"],
  ["german", "Language: Deutsch"],
  ["dark", "Appearance: Dark"],
  ["log out", "Sign out"],
  ["many 49", "many_49"],
  ["csv many 49", "Export many_49 (CSV)"],
])("%s finds %s", (typed, expected) => {
  setWords(en);
  expect(find(typed)).toContain(expected);
});

test.each([
  [de, ["smtp", "speicher", "ratenlimit", "cron", "sicherung", "proxy", "token", "abmelden", "sprache"]],
  [es, ["smtp", "almacenamiento", "limite", "cron", "copia", "proxy", "token", "salir", "idioma"]],
])("other languages have words of their own", (catalogue, typed) => {
  setWords(catalogue);
  for (const text of typed) expect(find(text), text).not.toEqual([]);
  setWords(en);
});

test("the exact name is first, and what belongs to the open collection before others", () => {
  setWords(en);
  expect(find("many_1")[0]).toBe("many_1");
  expect(find("new record", "many_7")[0]).toBe("New record in many_7");
  expect(find("new record", "many_7").length).toBeLessThan(12);
  expect(find("", "many_7")[0]).toBe("New record in many_7");
  expect(find("").some((label) => label.startsWith("New record in"))).toBe(false);
});

test("collections looked at lately come first", () => {
  const names = recentFirst([{ name: "a" }, { name: "b" }, { name: "c" }], ["c", "gone"]).map(({ name }) => name);
  expect(names).toEqual(["c", "a", "b"]);
  expect(collectionAt("/collections/a%20b/api")).toBe("a b");
  expect(collectionAt("/collections")).toBeUndefined();
  expect(collectionAt("/schema/%E0%A4%A")).toBeUndefined();
});
