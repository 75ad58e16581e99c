import { expect, test } from "vitest";
import { type Vocabulary, wordsAt } from "./complete.ts";

const field = (name: string, target: string | null = null, more: object = {}) => ({
  name,
  type: target ? "relation" : "text",
  target,
  modifiers: ["lower"],
  ...more,
});

const vocabulary: Vocabulary = {
  collections: [
    {
      name: "posts",
      type: "base",
      fields: [field("title"), field("author", "users"), field("state", null, { choices: ["draft", "live"] })],
      backRelations: [{ name: "comments_via_post", collection: "comments" }],
    },
    { name: "comments", type: "base", fields: [field("text"), field("post", "posts")], backRelations: [] },
    { name: "users", type: "auth", fields: [field("email"), field("team", "teams")], backRelations: [] },
    { name: "teams", type: "base", fields: [field("label", null, { modifiers: ["each"] })], backRelations: [] },
  ],
  authCollections: ["users"],
  request: [{ name: "@request.method", choices: ["GET"] }, { name: "@request.auth." }, { name: "@request.body." }],
  macros: [{ name: "@now", type: "date" }],
  functions: [{ name: "geoDistance", arguments: [] }],
  bodyModifiers: ["isset", "changed"],
};

/** The place is marked with `|`. */
function labels(marked: string): string[] | null {
  const position = marked.indexOf("|");
  return wordsAt(marked.replace("|", ""), position, "posts", vocabulary)?.words.map(({ label }) => label) ?? null;
}

test("at the start of a name everything is offered, fields first", () => {
  expect(labels("ti|")).toEqual([
    "title",
    "author",
    "state",
    "comments_via_post",
    "@request.method",
    "@request.auth",
    "@request.body",
    "@collection",
    "@now",
    "geoDistance",
  ]);
  expect(wordsAt("a = ti", 6, "posts", vocabulary)?.from).toBe(4);
});

test.each([
  ["author.|", ["email", "team"]],
  ["author.team.l|", ["label"]],
  ["comments_via_post.|", ["text", "post"]],
  ["@request.|", ["method", "auth", "body"]],
  ["@request.auth.team.|", ["label"]],
  ["@request.body.author.|", ["email", "team"]],
  ["@collection.|", ["posts", "comments", "users", "teams"]],
  ["@collection.comments:other.|", ["text", "post"]],
  ["@collection.comments.post.author.|", ["email", "team"]],
  ["title:|", ["lower"]],
  ["@request.auth.team.label:|", ["each"]],
  ["@request.body.title:c|", ["isset", "changed"]],
  ["nonsense.|", []],
])("a path is followed to where it leads: %s", (text, expected) => {
  expect(labels(text)).toEqual(expected);
});

test("inside a text only choices of its field are offered, in a comment nothing", () => {
  expect(labels("state = 'd|")).toEqual(["draft", "live"]);
  expect(labels('@request.method != "|')).toEqual(["GET"]);
  expect(labels("title = 'author.|")).toBeNull();
  expect(labels("title = 'x' // auth|")).toBeNull();
  expect(labels("title = 'it\\'s' && aut|")).toHaveLength(10);
});
