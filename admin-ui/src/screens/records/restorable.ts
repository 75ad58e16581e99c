/** What of a deleted record can be brought back. */

import type { Collection, StoredRecord } from "#api/types.ts";
import type { Values } from "#lib/grid/unsaved.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** In the form in which the server invents ids. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(15));
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
}

/** Its values with its id. Files and passwords are gone for good; dates that set themselves start again. */
export function restorableValues({ fields }: Collection, record: StoredRecord): Values {
  const lost = new Set(["autodate", "file", "password"]);
  const kept = fields.filter(({ type, name, system }) => !lost.has(type) && !(system && name === "tokenKey"));
  return { ...Object.fromEntries(kept.map(({ name }) => [name, record[name]])), id: record.id };
}

export function hasFiles({ fields }: Collection, record: StoredRecord): boolean {
  return fields.some(({ type, name }) => type === "file" && record[name] !== "" && String(record[name]) !== "");
}
