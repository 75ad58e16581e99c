/** Links are sorted by the names that are shown, not by their ids. */

import type { Collection, Field } from "#api/types.ts";
import { namingFields } from "#fields/record-name.ts";

export function sortPath(field: Field, collections: readonly Collection[]): string {
  if (field.type !== "relation") return field.name;
  const target = collections.find(({ id }) => id === field.collectionId);
  const name = target && namingFields(target.fields)[0];
  return name === undefined ? field.name : `${field.name}.${name}`;
}

/** The field that a sort order begins with: `customer` of `customer.name`. */
export function sortedField(path: string): string {
  return path.split(".")[0] ?? path;
}
