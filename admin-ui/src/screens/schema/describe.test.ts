import { expect, test } from "vitest";
import { compareDefinitions } from "#lib/schema/compare.ts";
import { describeChanges } from "./describe.ts";

const field = { id: "f1", name: "note", type: "text" };

function describe(before: object, after: object) {
  return describeChanges(compareDefinitions({ ...before }, { ...after }));
}

test.each([
  ["text", { max: 0 }, { max: 8 }, "note: at most 8 characters (before: at most 5,000 characters)"],
  ["text", { min: 0 }, { min: 1 }, "note: at least 1 character (before: as short as one likes)"],
  ["number", { max: null }, { max: 2.5 }, "note: at most 2.5 (before: as large as one likes)"],
  ["text", { required: false }, { required: true }, "note: must be filled in"],
  ["number", { required: true }, { required: false }, "note: may be 0"],
  ["text", { hidden: false }, { hidden: true }, "note: only superusers see it"],
  ["select", { values: ["a", "b"] }, { values: ["b", "c"] }, "note: new choices: “c”; no longer a choice: “a”"],
  ["select", { maxSelect: 1 }, { maxSelect: 3 }, "note: How many: up to 3 (before: only one)"],
  ["file", { maxSize: 0 }, { maxSize: 2048 }, "note: Largest file: 2 KB (before: 5 MB)"],
  ["file", { protected: false }, { protected: true }, "note: Protected: Yes (before: No)"],
  ["email", { onlyDomains: [] }, { onlyDomains: ["a.de"] }, "note: Only these domains: a.de (before: None)"],
  ["text", { fromTheFuture: 1 }, { fromTheFuture: 2 }, "note: other settings change"],
])("the options of a %s from %j to %j are told as in the form", (type, before, after, text) => {
  const { plain, technical } = describe(
    { fields: [{ ...field, type, ...before }] },
    { fields: [{ ...field, type, ...after }] },
  );
  expect(plain).toEqual([text]);
  const [option] = Object.keys(after);
  expect(technical.join()).toContain(`note.${option}: `);
});

test.each([
  ["CREATE UNIQUE INDEX `a` ON `t` (`email`) WHERE `email` != ''", "No two records may have the same email"],
  ["CREATE UNIQUE INDEX `a` ON `t` (`a`, `b`)", "No two records may have the same a and b"],
  ["CREATE UNIQUE INDEX `a` ON `t` (`a`) WHERE open = 1", "No two of certain records may have the same a"],
  ["CREATE INDEX `a` ON `t` (`total`)", "Searching and sorting by total becomes faster"],
  ["CREATE INDEX `a` ON `t` (lower(`total`))", "How records are found and kept apart changes"],
])("%s is told without SQL", (index, text) => {
  const { plain, technical } = describe({ indexes: [] }, { indexes: [index] });
  expect(plain).toEqual([text]);
  expect(technical).toEqual([`+ ${index}`]);
});

test("an index that follows a new name is only there for developers", () => {
  const { plain, technical } = describe(
    { name: "t", fields: [field], indexes: ["CREATE UNIQUE INDEX `a` ON `t` (`note`)"] },
    { name: "u", fields: [{ ...field, name: "memo" }], indexes: ["CREATE UNIQUE INDEX `a` ON `u` (`memo`)"] },
  );
  expect(plain).toEqual(["t is called u from now on", "Field note is called memo from now on; its values stay"]);
  expect(technical).toHaveLength(2);
});

test("rules are told by what they mean, and with their text for developers", () => {
  const { plain, technical } = describe({ listRule: null }, { listRule: '@request.auth.id != ""' });
  expect(plain).toEqual(["See them in lists: Allowed if the caller is signed in (before: Only superusers may)"]);
  expect(technical).toEqual(['listRule: null → "@request.auth.id != \\"\\""']);
});

test("options of signing in are told by the names of the form, and secrets are not shown", () => {
  const { plain, technical } = describe(
    {
      passwordAuth: { enabled: true },
      authToken: { duration: 604800, secret: "" },
      oauth2: { enabled: false, providers: [] },
      verificationTemplate: { subject: "a" },
    },
    {
      passwordAuth: { enabled: false },
      authToken: { duration: 1209600, secret: "do not show" },
      oauth2: { enabled: true, providers: [{ name: "google", clientSecret: "do not show" }] },
      verificationTemplate: { subject: "b" },
    },
  );
  expect(plain).toEqual([
    "Password: no longer allowed",
    "Staying signed in: 14 days (before: 7 days)",
    "Staying signed in: all that are out there end",
    "Other accounts: allowed from now on",
    "Sign in with google: new",
    "The mail “Confirm an address” changes",
  ]);
  expect(technical.join()).not.toContain("do not show");
});
