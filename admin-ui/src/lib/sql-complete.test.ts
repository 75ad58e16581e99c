import { expect, test } from "vitest";
import { completeSql } from "./sql-complete.ts";

const TABLES = { posts: ["id", "title", "author"], users: ["id", "email"], _superusers: ["id", "email"] };

/** `|` is the cursor. */
function labels(text: string): string[] | undefined {
  const position = text.indexOf("|");
  const found = completeSql(text.replace("|", ""), position, TABLES);
  return found?.options.map(({ label }) => label);
}

test("a name is replaced from its first character, also an underscore", () => {
  expect(completeSql("SELECT * FROM _sup", 18, TABLES)?.from).toBe(14);
});

test("behind FROM and JOIN stand tables only", () => {
  expect(labels("SELECT * FROM |")).toEqual(Object.keys(TABLES));
  expect(labels("SELECT * FROM posts JOIN u|")).toEqual(Object.keys(TABLES));
});

test("columns of the tables in the query come first, wherever they are named", () => {
  expect(labels("SELECT | FROM posts")?.slice(0, 3)).toEqual(TABLES.posts);
  expect(labels("SELECT 1 FROM Posts WHERE t|")).toContain("title");
  expect(labels("SELECT 1 FROM posts WHERE t|")).not.toContain("email");
  expect(labels("SELECT t|")).toContain("SELECT");
});

test("behind a table or its other name and a dot stand its columns", () => {
  expect(labels("SELECT p.| FROM posts AS p")).toEqual(TABLES.posts);
  expect(labels("SELECT * FROM posts p JOIN users u ON p.author = u.|")).toEqual(TABLES.users);
  expect(labels("SELECT users.e| FROM users")).toEqual(TABLES.users);
  expect(labels("SELECT nobody.|")).toBeUndefined();
});

test("nothing is proposed in texts and comments", () => {
  expect(labels("SELECT 'fro|'")).toBeUndefined();
  expect(labels("SELECT 1 -- fro|")).toBeUndefined();
});
