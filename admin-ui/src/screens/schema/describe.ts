/**
 * Puts differences between two definitions into words: for owners what happens, and for developers the change word for
 * word.
 */

import { isSame, type SchemaChange } from "#lib/schema/compare.ts";
import { parseIndex, renameColumn } from "#lib/schema/index-text.ts";
import { words } from "#words/words.ts";
import { describeAuthOption } from "./describe-auth.ts";
import { describeFieldOption } from "./describe-field.ts";
import { describeIndex } from "./describe-index.ts";
import { meaningOf } from "./rule-meaning.ts";

export type Description = {
  /** What happens, one sentence each. */
  plain: string[];
  /** Statements, rules and names of options before and after, without secrets. */
  technical: string[];
};

export function describeChanges(changes: readonly SchemaChange[]): Description {
  const told = withoutFollowing(changes);
  return {
    plain: [...new Set(told.map(plainText))],
    technical: changes.map(technicalText).filter((text) => text !== null),
  };
}

/** A statement that only follows a new name of its collection or of a field says nothing to an owner. */
function withoutFollowing(changes: readonly SchemaChange[]): SchemaChange[] {
  const added = changes.filter((change) => change.kind === "index-added").map(({ index }) => index);
  const following = new Set<string>();
  for (const change of changes) {
    if (change.kind !== "index-removed") continue;
    const renamed = changes.reduce(
      (text, other) => (other.kind === "field-renamed" ? renameColumn(text, other.before, other.after) : text),
      change.index,
    );
    const [form, twin] = [parseIndex(renamed), added.find((index) => isSame(parseIndex(index), parseIndex(renamed)))];
    if (form && twin !== undefined) following.add(change.index).add(twin);
  }
  return changes.filter(
    (change) => !((change.kind === "index-added" || change.kind === "index-removed") && following.has(change.index)),
  );
}

function plainText(change: SchemaChange): string {
  const say = words().schema.changes;
  switch (change.kind) {
    case "collection-renamed":
      return change.before === ""
        ? say.collectionCreated(change.after)
        : say.collectionRenamed(change.before, change.after);
    case "field-added":
      return say.fieldAdded(change.field, typeLabel(change.type));
    case "field-removed":
      return say.fieldRemoved(change.field);
    case "field-renamed":
      return say.fieldRenamed(change.before, change.after);
    case "field-replaced":
      return say.fieldReplaced(change.field, typeLabel(change.before), typeLabel(change.after));
    case "field-option": {
      const text = describeFieldOption(change);
      return text === null ? say.otherOf(change.field) : `${change.field}: ${text}`;
    }
    case "fields-moved":
      return say.fieldsMoved;
    case "rule":
      return describeRule(change.rule, change.before, change.after);
    case "index-added":
      return describeIndex(change.index, true);
    case "index-removed":
      return describeIndex(change.index, false);
    case "query":
      return say.query;
    case "option":
      return change.option === "mfa.rule"
        ? describeRule("mfa.rule", ruleOf(change.before), ruleOf(change.after))
        : (describeAuthOption(change) ?? say.other);
  }
}

function describeRule(name: string, before: string | null, after: string | null): string {
  const label = words().rules.names[name] ?? name;
  const [was, is] = [meaningOf(name, before), meaningOf(name, after)].map((text) => text.replace(/\.$/, ""));
  return `${label}: ${words().schema.changes.before(is ?? "", was ?? "")}`;
}

function ruleOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** `null` where the sentence for owners has said everything. */
function technicalText(change: SchemaChange): string | null {
  switch (change.kind) {
    case "field-option":
      return pairOf(`${change.field}.${change.option}`, change.before, change.after);
    case "rule":
      return pairOf(change.rule, change.before, change.after);
    case "option":
      return pairOf(change.option, change.before, change.after);
    case "query":
      return pairOf("viewQuery", change.before, change.after);
    case "index-added":
      return `+ ${change.index}`;
    case "index-removed":
      return `- ${change.index}`;
    default:
      return null;
  }
}

function pairOf(name: string, before: unknown, after: unknown): string {
  const isSecret = /secret$/i.test(name);
  const text = (value: unknown) => (isSecret ? "•••" : asJson(value));
  return `${name}: ${text(before)} → ${text(after)}`;
}

const MAX_SHOWN = 400;

function asJson(value: unknown): string {
  const hide = (key: string, item: unknown) => (/secret$/i.test(key) && item !== "" ? "•••" : item);
  const text = JSON.stringify(value, hide) ?? "null";
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** A type of field in plain words; one that is unknown here by its own name. */
export function typeLabel(type: string): string {
  const labels: Record<string, string> = words().fieldTypes.field;
  return labels[type] ?? type;
}
