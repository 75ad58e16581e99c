/** The fields of a collection as the filter knows them. */

import type { Collection, Field } from "#api/types.ts";
import { namingFields } from "#fields/record-name.ts";
import type { FilterField, FilterKind } from "#lib/filter/model.ts";

const KINDS: Record<string, FilterKind> = {
  number: "number",
  bool: "bool",
  date: "date",
  autodate: "date",
  json: "json",
  geoPoint: "place",
};

/** `isDayOnly` tells whether the values of a date field are days; it looks at those that are loaded. */
export function filterFields(
  fields: readonly Field[],
  collections: readonly Collection[],
  isDayOnly: (field: Field) => boolean,
): FilterField[] {
  return fields.map((field) => ({
    name: field.name,
    kind: kindOf(field),
    nameFields: nameFieldsOf(field, collections),
    isDayOnly: field.type === "date" && isDayOnly(field),
  }));
}

function kindOf({ type, maxSelect }: Field): FilterKind {
  const isMultiple = (maxSelect ?? 1) > 1;
  if (type === "select") return isMultiple ? "choices" : "choice";
  if (type === "relation") return isMultiple ? "relations" : "relation";
  if (type === "file") return isMultiple ? "files" : "file";
  return KINDS[type] ?? "text";
}

function nameFieldsOf(field: Field, collections: readonly Collection[]): string[] {
  if (field.type !== "relation") return [];
  const target = collections.find(({ id }) => id === field.collectionId);
  return target ? namingFields(target.fields) : [];
}
