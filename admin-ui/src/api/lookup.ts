/** Finds records by what people call them, for names that were pasted where links are kept. */

import { client } from "./client.ts";
import type { Collection, StoredRecord } from "./types.ts";

const NAMES_AT_ONCE = 20;

function isLower(field: string, name: string): string {
  return `${field}:lower = ${JSON.stringify(name.toLowerCase())}`;
}

/** Two fields together may be the name: "Luís Gonçalves" stands in two. */
function bothFilter([one, other]: readonly string[], first: string, last: string): string {
  return one === undefined || other === undefined ? "" : `(${isLower(one, first)} && ${isLower(other, last)})`;
}

/** Longer names are no names of people. */
const MAX_GAPS = 4;

/** Where a name can be parted in two. */
function halvesOf(name: string): [string, string][] {
  const gaps = [...name.matchAll(/ (?:· )?/g)].slice(0, MAX_GAPS);
  return gaps.map(({ 0: gap, index }) => [name.slice(0, index), name.slice(index + gap.length)]);
}

function namesOf(record: StoredRecord, fields: readonly string[]): string[] {
  return fields.map((field) => String(record[field] ?? "")).filter((text) => text !== "");
}

/** By the name as it was given, in any letter case. A name that several records have is left out, and so is an unknown one. */
export async function findByName(
  target: Collection,
  nameFields: readonly string[],
  names: readonly string[],
): Promise<Map<string, StoredRecord>> {
  const found = new Map<string, StoredRecord>();
  const wanted = [...new Set(names)];
  for (let from = 0; from < wanted.length; from += NAMES_AT_ONCE) {
    const some = wanted.slice(from, from + NAMES_AT_ONCE);
    const filter = some
      .flatMap((name) => [
        `id = ${JSON.stringify(name)}`,
        ...nameFields.map((field) => isLower(field, name)),
        ...halvesOf(name).map(([first, last]) => bothFilter(nameFields, first, last)),
      ])
      .filter((part) => part !== "")
      .join(" || ");
    const page = await client.collection(target.name).getList<StoredRecord>(1, 500, { filter, skipTotal: true });
    for (const name of some) {
      const lower = name.toLowerCase();
      const isCalledSo = (record: StoredRecord) =>
        record.id === name ||
        nameFields.some((field) => String(record[field]).toLowerCase() === lower) ||
        [" ", " · "].some((between) => namesOf(record, nameFields).join(between).toLowerCase() === lower);
      const matching = page.items.filter(isCalledSo);
      const [only] = matching;
      if (only && matching.length === 1) found.set(name, only);
    }
  }
  return found;
}
