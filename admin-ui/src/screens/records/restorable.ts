/** What records have before anything is typed: new ones, and those that are made again after they were deleted. */

import type { Collection, StoredRecord } from "#api/types.ts";
import type { Values } from "#lib/grid/unsaved.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** In the form in which the server invents ids. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(15));
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
}

const LOST_TYPES = new Set(["autodate", "file", "password"]);

/** Its values with its id. Files and passwords are gone for good; dates that set themselves start again. */
export function restorableValues({ fields }: Collection, record: StoredRecord): Values {
  const kept = fields.filter(({ type, name, system }) => !LOST_TYPES.has(type) && !(system && name === "tokenKey"));
  return { ...Object.fromEntries(kept.map(({ name }) => [name, record[name]])), id: record.id };
}

/** Whether a record that is made again lacks something of the one before. */
export function hasLosses({ fields }: Collection): boolean {
  return fields.some(({ type }) => LOST_TYPES.has(type));
}

/** What a row begins with on its way to the server. Without `id`, one is made up, if the collection has usual ids. */
export function newValues({ type, fields }: Collection, id: string | undefined): Values {
  const hasUsualIds = fields.some(
    ({ primaryKey, autogeneratePattern }) => primaryKey && autogeneratePattern === "[a-z0-9]{15}",
  );
  const known = id ?? (hasUsualIds ? randomId() : undefined);
  return { ...(type === "auth" ? somePassword() : {}), ...(known === undefined ? {} : { id: known }) };
}

/** Somebody who is added in the grid chooses a password by the link that "forgot password" sends. */
function somePassword(): Values {
  const password = `${randomId()}${randomId()}`;
  return { password, passwordConfirm: password };
}
