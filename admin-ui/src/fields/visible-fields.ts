/** Which fields are worth showing, and which of them at once. */

import type { Collection, Field } from "#api/types.ts";

/** The server never sends passwords, nor the key that signs somebody's tokens. */
export function visibleFields(collection: Collection): Field[] {
  return collection.fields.filter(({ type, name, system }) => type !== "password" && !(system && name === "tokenKey"));
}

/** Ids that the server invents say nothing to people. */
export function isRandomId(field: Field): boolean {
  return field.primaryKey === true && Boolean(field.autogeneratePattern);
}

/** Left out of the table until somebody asks: random ids, and switches of the machinery. */
export function isShownAtFirst(field: Field): boolean {
  return !isRandomId(field) && !field.hidden && !(field.system && field.name === "emailVisibility");
}
