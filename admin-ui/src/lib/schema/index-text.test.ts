import { expect, test } from "vitest";
import { parseIndex, printIndex, renameColumn, uniqueColumn, usesColumn } from "./index-text.ts";

test("a statement of the form is read and written back", () => {
  const form = parseIndex("create unique index if not exists ia on ixt (a, `b` COLLATE nocase desc) where a != '';");
  expect(form).toEqual({
    name: "ia",
    isUnique: true,
    columns: [
      { name: "a", ignoresCase: false, isDescending: false },
      { name: "b", ignoresCase: true, isDescending: true },
    ],
    where: "a != ''",
  });
  expect(form && printIndex(form, "shop")).toBe(
    "CREATE UNIQUE INDEX `ia` ON `shop` (`a`, `b` COLLATE NOCASE DESC) WHERE a != ''",
  );
});

test("the server's own statements are read", () => {
  const text = "CREATE UNIQUE INDEX `idx_email__pb_users_auth_` ON `users` (`email`) WHERE `email` != ''";
  const form = parseIndex(text);
  expect(form && printIndex(form, "users")).toBe(text);
  expect(parseIndex("CREATE INDEX `ib` ON `ixt` (\n  `a`,\n  `b` DESC\n)")?.columns).toHaveLength(2);
});

test.each([
  "create index x",
  "create index x on t (lower(a))",
  "create index x on t (a collate rtrim)",
  "drop table t",
  "create index x on t (a) nonsense",
])("what the form cannot show stays text: %s", (text) => {
  expect(parseIndex(text)).toBeNull();
});

test("a renamed field is renamed in columns and conditions, not in texts, names and longer words", () => {
  const text = "CREATE INDEX `title` ON `posts` (`title`, title_de) WHERE title != 'title' AND lower(\"Title\") > 1";
  expect(renameColumn(text, "title", "name")).toBe(
    "CREATE INDEX `title` ON `posts` (`name`, title_de) WHERE `name` != 'title' AND lower(`name`) > 1",
  );
  expect(usesColumn(text, "title_de")).toBe(true);
  expect(usesColumn(text, "posts")).toBe(false);
});

test("a unique index over one column makes its values unique", () => {
  expect(uniqueColumn("CREATE UNIQUE INDEX `a` ON `t` (`email` COLLATE NOCASE)")).toBe("email");
  expect(uniqueColumn("CREATE INDEX `a` ON `t` (`email`)")).toBeNull();
  expect(uniqueColumn("CREATE UNIQUE INDEX `a` ON `t` (`email`, `shop`)")).toBeNull();
});
