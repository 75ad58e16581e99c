import { expect, test } from "vitest";
import { asHref, isInsidePath, paths } from "./paths.ts";
import { parseQuery, writeQuery } from "./query-text.ts";

test("every address of the dashboard", () => {
  expect({
    home: paths.home(),
    signIn: paths.signIn(),
    signInThenBack: paths.signIn("/collections/posts?page=2"),
    records: paths.records("posts"),
    recordsPlace: paths.records("posts", {
      filter: 'title ~ "a&b"',
      sort: "-created,name",
      where: "a = 1",
      record: "abc",
    }),
    schema: paths.schema(),
    editCollection: paths.editCollection("a b", { tab: "access" }),
    newCollection: paths.newCollection({ copy: "posts" }),
    href: asHref(paths.records("posts")),
  }).toMatchInlineSnapshot(`
    {
      "editCollection": "/schema/a%20b?tab=access",
      "home": "/collections",
      "href": "#/collections/posts",
      "newCollection": "/new-collection?copy=posts",
      "records": "/collections/posts",
      "recordsPlace": "/collections/posts?filter=title+%7E+%22a%26b%22&sort=-created%2Cname&where=a+%3D+1&record=abc",
      "schema": "/schema",
      "signIn": "/sign-in",
      "signInThenBack": "/sign-in?next=%2Fcollections%2Fposts%3Fpage%3D2",
    }
  `);
});

test("a query survives being written and read", () => {
  const values = { filter: "a = 'ü & %'", sort: "-x" };
  expect(parseQuery(writeQuery(values))).toEqual(values);
  expect(writeQuery({ filter: "", page: undefined })).toBe("");
});

test.each([
  ["/collections", true],
  ["//elsewhere.example", false],
  ["/\\elsewhere.example", false],
  ["https://elsewhere.example", false],
  ["/sign-in?next=/x", false],
  [undefined, false],
])("%s is a place to go back to: %s", (path, expected) => {
  expect(isInsidePath(path)).toBe(expected);
});
