/** What a rule means, in words. */

import type { Rule } from "#api/types.ts";
import { explainRule } from "#lib/rules/explain.ts";
import { words } from "#words/words.ts";

/** `name` is the rule as the server calls it, such as `listRule`. */
export function meaningOf(name: string, rule: Rule): string {
  const say = words().rules;
  if (rule === null) return isAboutAccounts(name) ? say.authPresets.superusers : say.meaningClosed;
  if (rule.trim() === "") return isAboutAccounts(name) ? say.authPresets.everyone : say.meaningOpen;
  const condition = explainRule(rule, say.phrases);
  return condition === null ? say.notUnderstood : say.meaning(condition);
}

/** These choose among accounts, not among callers. */
export function isAboutAccounts(name: string): boolean {
  return name === "authRule" || name === "mfa.rule";
}
