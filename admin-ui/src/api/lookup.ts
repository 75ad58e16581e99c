/** Finds records by what people call them, for names that were pasted or imported where links are kept. */

import { queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { Collection, Field, StoredRecord } from "./types.ts";

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

/** The filter for records of this name, in any letter case; empty where nothing has a name. */
export function isCalledFilter(nameFields: readonly string[], name: string): string {
  return [
    ...nameFields.map((field) => isLower(field, name)),
    ...halvesOf(name).map(([first, last]) => bothFilter(nameFields, first, last)),
  ]
    .filter((part) => part !== "")
    .join(" || ");
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
      .flatMap((name) => [`id = ${JSON.stringify(name)}`, isCalledFilter(nameFields, name)])
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

/** A filter has room for so many comparisons. */
const MAX_FIELDS = 10;
const MAX_TEXTS = 5;
/** Names are short, and the filter is part of an address. */
const MAX_TEXT_LETTERS = 80;

/** How many of these texts are values of each field, in some record of the collection. The first few texts count. */
export const linkMatchesQuery = (collection: string, fields: readonly Field[], texts: readonly string[]) => {
  const asked = fields.slice(0, MAX_FIELDS);
  const some = [...new Set(texts.filter(({ length }) => length <= MAX_TEXT_LETTERS))].slice(0, MAX_TEXTS);
  const names = asked.map(({ name }) => name);
  return queryOptions({
    queryKey: keys.linkMatches(collection, names, some),
    queryFn: async ({ signal }) => {
      const filter = asked.flatMap((field) => some.flatMap((text) => equals(field, text))).join(" || ");
      const options = { filter, fields: ["id", ...names].join(","), skipTotal: true, signal };
      const { items } = await client.collection(collection).getList<StoredRecord>(1, 500, options);
      const countOf = (name: string) => some.filter((text) => items.some((item) => String(item[name]) === text)).length;
      return new Map(names.map((name) => [name, countOf(name)]));
    },
    enabled: asked.length > 0 && some.length > 0,
  });
};

function equals({ name, type }: Field, text: string): string[] {
  if (type !== "number") return [`${name} = ${JSON.stringify(text)}`];
  return String(Number(text)) === text ? [`${name} = ${text}`] : [];
}
