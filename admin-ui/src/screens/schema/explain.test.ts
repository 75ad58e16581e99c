import { expect, test } from "vitest";
import { explainRule } from "#lib/rules/explain.ts";
import { words } from "#words/words.ts";

const say = (rule: string) => explainRule(rule, words().rules.phrases);

test.each([
  ['@request.auth.id != ""', "the caller is signed in"],
  ['"" = @request.auth.id', "the caller is not signed in"],
  ["id = @request.auth.id", "the record is the caller's own account"],
  ['@request.auth.id != "" && owner = @request.auth.id', "the caller is signed in and the caller is the owner"],
  ["editors.id ?= @request.auth.id", "the caller is one of the editors"],
  ["public = true", "public is yes"],
  ["public != true", "public is no"],
  ["18 <= age", "age is at least 18"],
  ["title ~ 'sale'", "title contains “sale”"],
  ["author.team.name = 'x'", "the author.team's name is “x”"],
  ["@request.auth.role = 'admin'", "the caller's role is “admin”"],
  ["@request.body.role:isset = false", "role is not sent"],
  ["@request.body.role:changed = true", "role is changed"],
  ["tags:length > 3", "the number of tags is more than 3"],
  ["until > @now", "until is more than now"],
  [
    "@collection.members.user ?= @request.auth.id",
    "for at least one, user of any record in members is the caller's id",
  ],
  ["a = 1 && (b = 2 || c = null)", "a is 1 and (b is 2 or c is empty)"],
])("a rule is put into words: %s", (rule, expected) => {
  expect(say(rule)).toBe(expected);
});

test("what is not well formed has no words", () => {
  expect(say("title =")).toBeNull();
});
