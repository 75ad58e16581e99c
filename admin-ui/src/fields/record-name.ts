/** What to call a record when there is room for a few words only. */

import type { Field, StoredRecord } from "#api/types.ts";
import { asText } from "./values.ts";

/** Where people usually write what a thing is called. */
const USUAL_NAMES = ["name", "title", "label", "subject", "username", "email"];
const NAMING_TYPES = new Set(["text", "email", "url", "select", "number", "date"]);

/** The parts of a person's name, as `firstName`, `last_name` or `Nachname` hold them. */
const FIRST_NAME = /^(?:(?:first|given|fore)_?name|vorname|nombre)$/i;
const LAST_NAME = /^(?:(?:last|family)_?name|surname|(?:nach|familien)_?name|apellidos?)$/i;

/**
 * The fields marked as presentable if there are any, else a field with a usual name, else the number of the record when
 * that is its first field, else the first text or number; the id when all of these are empty.
 */
export function recordName(record: StoredRecord, fields: readonly Field[]): string {
  const naming = fields.filter(({ type, primaryKey, system, name }) => {
    return NAMING_TYPES.has(type) && !primaryKey && (!system || name === "email");
  });
  const presentable = naming.filter((field) => field.presentable).map((field) => asText(record[field.name]));
  const marked = presentable.filter((text) => text !== "").join(" · ");
  if (marked !== "") return marked;

  const person = personNameOf(naming)
    .map((name) => asText(record[name]))
    .filter((text) => text !== "")
    .join(" ");
  if (person !== "") return person;

  const usual = USUAL_NAMES.filter((name) => naming.some((field) => field.name === name));
  const texts = naming.filter(({ type }) => type === "text").map(({ name }) => name);
  const numbers = naming.filter(({ type, name }) => type === "number" && record[name] !== 0).map(({ name }) => name);
  const found = [...usual, ...numberOf(fields).filter((name) => record[name] !== 0), ...texts, ...numbers]
    .map((name) => asText(record[name]))
    .find((text) => text !== "");
  return found ?? record.id;
}

/** First and last name, where nothing has both in one. */
function personNameOf(fields: readonly Field[]): string[] {
  const texts = fields.filter(({ type, hidden }) => type === "text" && !hidden).map(({ name }) => name);
  if (texts.includes("name")) return [];
  const [first, last] = [FIRST_NAME, LAST_NAME].map((words) => texts.find((name) => words.test(name)));
  // "Nombre" alone is the name of anything.
  return first !== undefined && last !== undefined ? [first, last] : [];
}

/** Last words of names such as `orderNo`, `bestell_nr` or `article_id`: a number that belongs to one record. */
const NUMBER_WORDS = new Set(["no", "nr", "num", "number", "nummer", "numero", "número", "id", "code", "ref"]);

/** The first field that is the owner's, if it holds the number by which the record is known. */
function numberOf(fields: readonly Field[]): string[] {
  const first = fields.find(({ primaryKey, system, hidden }) => !primaryKey && !system && !hidden);
  if (first?.type !== "number") return [];
  const [last = ""] = first.name.split(/_|(?<=[a-z0-9])(?=[A-Z])/u).slice(-1);
  return NUMBER_WORDS.has(last.toLowerCase()) || /num(ber|mer)$/i.test(last) ? [first.name] : [];
}

/** Names of the fields by which people would look a record up: the ones its name is made of. */
export function namingFields(fields: readonly Field[]): string[] {
  const visible = fields.filter(({ primaryKey, hidden }) => !primaryKey && !hidden);
  const presentable = visible.filter(({ type, presentable, system, name }) => {
    return presentable && NAMING_TYPES.has(type) && (!system || name === "email");
  });
  if (presentable.length > 0) return presentable.map(({ name }) => name);
  const texts = visible.filter(({ type }) => type === "text" || type === "email");
  const person = personNameOf(texts);
  if (person.length > 0) return person;
  const usual = texts.find(({ name }) => USUAL_NAMES.includes(name));
  if (usual) return [usual.name];
  return [...numberOf(fields), ...texts.slice(0, 1).map(({ name }) => name)];
}
