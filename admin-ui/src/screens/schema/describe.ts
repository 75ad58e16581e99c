/** Puts differences between two definitions into words. */

import type { SchemaChange } from "#lib/schema/compare.ts";
import { words } from "#words/words.ts";

export function describeChange(change: SchemaChange): string {
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
    case "field-option":
      return say.fieldOption(change.field, change.option, asText(change.before), asText(change.after));
    case "fields-moved":
      return say.fieldsMoved;
    case "rule":
      return say.rule(words().rules.names[change.rule] ?? change.rule, ruleText(change.before), ruleText(change.after));
    case "index-added":
      return say.indexAdded(change.index);
    case "index-removed":
      return say.indexRemoved(change.index);
    case "query":
      return say.query;
    case "option":
      return say.option(change.option, asText(change.before), asText(change.after));
  }
}

/** A type of field in plain words; one that is unknown here by its own name. */
export function typeLabel(type: string): string {
  const labels: Record<string, string> = words().fieldTypes.field;
  return labels[type] ?? type;
}

function ruleText(rule: string | null): string {
  if (rule === null) return words().rules.presets.superusers;
  return rule === "" ? words().rules.presets.everyone : rule;
}

const MAX_SHOWN = 120;

function asText(value: unknown): string {
  if (value === undefined || value === null || value === "") return words().schema.changes.nothing;
  if (typeof value === "boolean") return value ? words().common.yes : words().common.no;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
