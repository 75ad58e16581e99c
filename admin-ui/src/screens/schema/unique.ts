/** "No two records may have the same value": a unique index over one field. */

import type { Field } from "#api/types.ts";
import { newIndexName, printIndex, uniqueColumn } from "#lib/schema/index-text.ts";
import { type Draft, randomSuffix, setKeys } from "./draft.ts";

const TEXTS = new Set(["text", "email", "url", "date"]);
const SINGLE = new Set(["select", "relation", "file"]);

/** Lists of values are stored as one text, so uniqueness would say nothing about the single values. */
export function canBeUnique({ type, system, primaryKey, maxSelect = 1 }: Field): boolean {
  if (system || primaryKey) return false;
  return TEXTS.has(type) || type === "number" || (SINGLE.has(type) && type !== "file" && maxSelect <= 1);
}

export function isUnique({ collection }: Draft, field: string): boolean {
  return (collection.indexes ?? []).some((index) => uniqueColumn(index) === field);
}

/** Records without a value do not count as the same, unless the field is a number, where none is 0. */
export function setUnique(draft: Draft, { name, type }: Field, isOn: boolean): Draft {
  const others = (draft.collection.indexes ?? []).filter((index) => uniqueColumn(index) !== name);
  if (!isOn) return setKeys(draft, { indexes: others });
  const column = { name, ignoresCase: false, isDescending: false };
  const where = type === "number" ? "" : `\`${name}\` != ''`;
  const index = { name: newIndexName(randomSuffix()), isUnique: true, columns: [column], where };
  return setKeys(draft, { indexes: [...others, printIndex(index, draft.collection.name)] });
}
