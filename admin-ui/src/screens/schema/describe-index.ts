/** Says what an index does for those who work with the records. */

import { locale } from "#lib/locale.ts";
import { parseIndex } from "#lib/schema/index-text.ts";
import { words } from "#words/words.ts";

export function describeIndex(statement: string, isAdded: boolean): string {
  const say = words().schema.changes;
  const form = parseIndex(statement);
  if (!form) return say.indexes;
  const names = form.columns.map(({ name }) => name);
  const fields = new Intl.ListFormat(locale(), { type: "conjunction" }).format(names);
  if (!form.isUnique) return isAdded ? say.faster(fields) : say.slower(fields);
  // Empty values may always repeat: that is what people expect, and how the form writes it.
  if (form.where === "" || isFilled(form.where, names)) return isAdded ? say.unique(fields) : say.notUnique(fields);
  return isAdded ? say.uniqueAmongSome(fields) : say.notUniqueAmongSome(fields);
}

/** Is the condition only that one of the columns has a value? */
function isFilled(where: string, names: readonly string[]): boolean {
  const column = /^[`"[]?(\w+)[`"\]]?\s*(?:!=|<>)\s*''$/.exec(where.trim())?.[1];
  return column !== undefined && names.includes(column);
}
