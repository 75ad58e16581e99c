/** What of a collection's records can be put into a message. */

import type { Collection, Field } from "#api/types.ts";
import { isRandomId, visibleFields } from "#fields/visible-fields.ts";
import type { Insert } from "#lib/webhooks/inserts.ts";

/** A field, or a link to one record with the fields of that: its id says nothing to people. */
export type InsertGroup = (Insert & { inserts?: undefined }) | { label: string; inserts: Insert[] };

export function recordInserts(collection: Collection, collections: readonly Collection[]): InsertGroup[] {
  return sayingFields(collection).map((field): InsertGroup => {
    const { name, type, collectionId, maxSelect } = field;
    const target = type === "relation" ? collections.find(({ id }) => id === collectionId) : undefined;
    if (!target || (maxSelect ?? 1) > 1) return { label: name, expression: `record.${name}` };
    const inserts = sayingFields(target).map((inner) => ({
      label: inner.name,
      expression: `record.expand.${name}.${inner.name}`,
      expand: name,
    }));
    return { label: name, inserts };
  });
}

function sayingFields(collection: Collection): Field[] {
  return visibleFields(collection).filter((field) => !field.hidden && !isRandomId(field));
}
