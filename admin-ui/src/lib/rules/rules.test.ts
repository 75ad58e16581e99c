import { expect, test } from "vitest";
import { parseRule } from "./parse.ts";
import { isNeverForGuests, type OwnerField, presetOf, presetText } from "./presets.ts";
import { tokenize } from "./tokens.ts";

const OWNERS: OwnerField[] = [
  { field: "id", isMultiple: false },
  { field: "owner", isMultiple: false },
  { field: "editors", isMultiple: true },
];

test.each([
  { kind: "superusers" },
  { kind: "everyone" },
  { kind: "signed-in" },
  { kind: "owner", field: "id", isMultiple: false },
  { kind: "owner", field: "owner", isMultiple: false },
  { kind: "owner", field: "editors", isMultiple: true },
] as const)("a preset comes back from its own text: %o", (preset) => {
  expect(presetOf(presetText(preset), OWNERS)).toEqual(preset);
});

test.each([
  ["@request.auth.id!=''", "signed-in"],
  ["@request.auth.id != null", "signed-in"],
  ["(@request.auth.id = owner) && @request.auth.id != ''", "owner"],
  ["  ", "everyone"],
])("other spellings of a preset are recognised: %s", (text, kind) => {
  expect(presetOf(text, OWNERS).kind).toBe(kind);
});

test.each([
  // Guests see records without an owner, so this is not the preset.
  "owner = @request.auth.id",
  "@request.auth.id != '' || owner = @request.auth.id",
  "@request.auth.id != '' && writer = @request.auth.id",
  "@request.auth.id != '' && owner != @request.auth.id",
  "@request.auth.id != '' && owner = @request.auth.id && open = true",
  "@request.auth.id != '' // members only",
  "title =",
])("what only looks like a preset is custom: %s", (text) => {
  expect(presetOf(text, OWNERS)).toEqual({ kind: "custom" });
});

test("&& binds tighter than ||, and parentheses change that", () => {
  expect(parseRule("a = 1 || b = 2 && c = 3")).toMatchObject({ kind: "or", parts: [{}, { kind: "and" }] });
  expect(parseRule("(a = 1 || b = 2) && c = 3")).toMatchObject({ kind: "and", parts: [{ kind: "or" }, {}] });
});

test("texts, numbers, words and functions are operands", () => {
  expect(parseRule(`"it's" ?!~ geoDistance(loc.lon, -1.5, TRUE)`)).toEqual({
    kind: "compare",
    left: { kind: "text", value: "it's" },
    operator: "?!~",
    right: {
      kind: "function",
      name: "geoDistance",
      args: [
        { kind: "name", name: "loc.lon" },
        { kind: "number", text: "-1.5" },
        { kind: "word", word: "true" },
      ],
    },
  });
  expect(parseRule("a = 'x\\'y\\n'")).toMatchObject({ right: { value: "x'y\n" } });
});

test.each(["a", "a =", "= 1", "a = 1 &&", "(a = 1", "a = 1)", "a = 'x", "a = 1 & b = 2", "f(1 = 2"])(
  "what is not well formed has no tree: %s",
  (text) => {
    expect(parseRule(text)).toBeNull();
  },
);

test("every character belongs to a token or is white space", () => {
  const text = "a&&§ 'x' // note\n 'open";
  expect(tokenize(text).map(({ kind, text }) => [kind, text])).toEqual([
    ["name", "a"],
    ["join", "&&"],
    ["unknown", "§"],
    ["text", "'x'"],
    ["comment", "// note"],
    ["unknown", "'open"],
  ]);
});

test.each([
  ["id = @request.auth.id", true],
  ["@request.auth.id != '' && total > 5", true],
  ["id = @request.auth.id || @request.auth.id != null", true],
  // An order without an owner has none, as a guest has no id.
  ["owner = @request.auth.id", false],
  ["id = @request.auth.id || isPublic = true", false],
  ["not a rule", false],
])("a guest can never meet %s: %s", (rule, expected) => {
  expect(isNeverForGuests(rule)).toBe(expected);
});
