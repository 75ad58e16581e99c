/** What tells records apart that are listed by their names: two customers may have the same one. */

import type { Field, StoredRecord } from "#api/types.ts";
import { recordName } from "./record-name.ts";
import { asText } from "./values.ts";

const TELLING_TYPES = new Set(["text", "email", "url", "number"]);
/** The end of an id, where nothing else differs. */
const ID_END = 6;

/** By id: a value of another field, the same one for all; of records with the same name at least the end of their id. */
export function recordNotes(records: readonly StoredRecord[], fields: readonly Field[]): Map<string, string> {
  const names = new Map(records.map((record) => [record.id, recordName(record, fields)]));
  const counts = new Map<string, number>();
  for (const name of names.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  const hasTwin = ({ id }: StoredRecord) => (counts.get(names.get(id) ?? "") ?? 0) > 1;
  const twins = records.filter(hasTwin);
  const textOf = (record: StoredRecord, field: string) => asText(record[field]).trim();

  const telling = fields
    .filter(({ type, name, primaryKey, hidden, system }) => {
      return TELLING_TYPES.has(type) && !primaryKey && !hidden && (!system || name === "email");
    })
    .find(({ name }) => {
      const isOther = records.every((record) => !isPartOf(textOf(record, name), names.get(record.id) ?? ""));
      const pairs = new Set(twins.map((record) => `${names.get(record.id)}\n${textOf(record, name)}`));
      const isFilled = twins.every((record) => textOf(record, name) !== "");
      return (
        isOther && isFilled && pairs.size === twins.length && records.some((record) => textOf(record, name) !== "")
      );
    });
  const noteOf = (record: StoredRecord) => {
    if (telling) return textOf(record, telling.name);
    return hasTwin(record) ? record.id.slice(-ID_END) : "";
  };
  return new Map(records.map((record) => [record.id, noteOf(record)]));
}

function isPartOf(value: string, name: string): boolean {
  return value !== "" && name.includes(value);
}
