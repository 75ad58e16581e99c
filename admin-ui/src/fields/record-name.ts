/** What to call a record when there is room for a few words only. */

import type { Field, StoredRecord } from "#api/types.ts";
import { asText } from "./values.ts";

/** Where people usually write what a thing is called. */
const USUAL_NAMES = ["name", "title", "label", "subject", "username", "email"];
const NAMING_TYPES = new Set(["text", "email", "url", "select", "number", "date"]);

/**
 * The fields marked as presentable if there are any, else a field with a usual name, else the first text or number; the id when
 * all of these are empty.
 */
export function recordName(record: StoredRecord, fields: readonly Field[]): string {
  const naming = fields.filter(({ type, primaryKey, system, name }) => {
    return NAMING_TYPES.has(type) && !primaryKey && (!system || name === "email");
  });
  const presentable = naming.filter((field) => field.presentable).map((field) => asText(record[field.name]));
  const marked = presentable.filter((text) => text !== "").join(" · ");
  if (marked !== "") return marked;

  const usual = USUAL_NAMES.filter((name) => naming.some((field) => field.name === name));
  const texts = naming.filter(({ type }) => type === "text").map(({ name }) => name);
  const numbers = naming.filter(({ type, name }) => type === "number" && record[name] !== 0).map(({ name }) => name);
  const found = [...usual, ...texts, ...numbers].map((name) => asText(record[name])).find((text) => text !== "");
  return found ?? record.id;
}

/** Names of the fields by which people would look a record up: the ones its name is made of. */
export function namingFields(fields: readonly Field[]): string[] {
  const texts = fields.filter(
    ({ type, primaryKey, hidden }) => (type === "text" || type === "email") && !primaryKey && !hidden,
  );
  const presentable = texts.filter((field) => field.presentable).map(({ name }) => name);
  if (presentable.length > 0) return presentable;
  const usual = texts.find(({ name }) => USUAL_NAMES.includes(name)) ?? texts[0];
  return usual ? [usual.name] : [];
}
