/** The rules that most collections need, by name, and back from the text of a rule to its name. */

import { type Comparison, type Operand, parseRule, type Rule } from "./parse.ts";

export type RulePreset =
  | { kind: "superusers" }
  | { kind: "everyone" }
  | { kind: "signed-in" }
  | { kind: "owner"; field: string; isMultiple: boolean }
  | { kind: "custom" };

/** A field that can name the owner of a record. */
export type OwnerField = { field: string; isMultiple: boolean };

const SIGNED_IN = '@request.auth.id != ""';

/** `null` only for superusers. A custom rule has no text of its own. */
export function presetText(preset: Exclude<RulePreset, { kind: "custom" }>): string | null {
  switch (preset.kind) {
    case "superusers":
      return null;
    case "everyone":
      return "";
    case "signed-in":
      return SIGNED_IN;
    case "owner":
      return ownerText(preset);
  }
}

/**
 * A guest has no id, and the server takes no value for equal to an empty one: without the first half, records without
 * an owner would be open to everyone. The record's own id is never empty.
 */
function ownerText({ field, isMultiple }: OwnerField): string {
  if (field === "id") return "id = @request.auth.id";
  return `${SIGNED_IN} && ${isMultiple ? `${field}.id ?=` : `${field} =`} @request.auth.id`;
}

/** Reads the text of a rule. `owners` are the fields that may name an owner; another one makes the rule custom. */
export function presetOf(rule: string | null, owners: readonly OwnerField[]): RulePreset {
  if (rule === null) return { kind: "superusers" };
  if (rule.trim() === "") return { kind: "everyone" };
  const parsed = parseRule(rule);
  // A comment is lost when the preset is written again.
  if (!parsed || rule.includes("//")) return { kind: "custom" };
  if (parsed.kind === "compare") {
    if (isSignedIn(parsed)) return { kind: "signed-in" };
    return isOwner(parsed, { field: "id", isMultiple: false }) && owners.some(({ field }) => field === "id")
      ? { kind: "owner", field: "id", isMultiple: false }
      : { kind: "custom" };
  }
  const [first, second] = parsed.parts;
  if (parsed.kind !== "and" || parsed.parts.length !== 2 || first?.kind !== "compare" || second?.kind !== "compare") {
    return { kind: "custom" };
  }
  const rest = isSignedIn(first) ? second : isSignedIn(second) ? first : null;
  const owner = rest && owners.find((candidate) => isOwner(rest, candidate));
  return owner ? { kind: "owner", ...owner } : { kind: "custom" };
}

/** Whether nobody who is not signed in can meet the rule, however the records are filled in. `false` where that is unclear. */
export function isNeverForGuests(text: string): boolean {
  const rule = parseRule(text);
  return rule !== null && needsCaller(rule);
}

function needsCaller(rule: Rule): boolean {
  if (rule.kind !== "compare") {
    return rule.kind === "and" ? rule.parts.some(needsCaller) : rule.parts.every(needsCaller);
  }
  // A record always has an id, and a guest has none. Other fields may be empty as well.
  return isSignedIn(rule) || isOwner(rule, { field: "id", isMultiple: false });
}

function isSignedIn({ left, operator, right }: Comparison): boolean {
  return operator === "!=" && isCallerId(left) && isEmptyValue(right);
}

function isOwner(comparison: Comparison, { field, isMultiple }: OwnerField): boolean {
  const { left, right, operator } = comparison;
  const name = isMultiple ? `${field}.id` : field;
  if (operator !== (isMultiple ? "?=" : "=")) return false;
  return (isName(left, name) && isCallerId(right)) || (isName(right, name) && isCallerId(left));
}

function isCallerId(operand: Operand): boolean {
  return isName(operand, "@request.auth.id");
}

function isName(operand: Operand, name: string): boolean {
  return operand.kind === "name" && operand.name === name;
}

function isEmptyValue(operand: Operand): boolean {
  return (operand.kind === "text" && operand.value === "") || (operand.kind === "word" && operand.word === "null");
}
