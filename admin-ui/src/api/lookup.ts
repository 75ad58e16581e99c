/** Finds records by what people call them, for names that were pasted where links are kept. */

import { client } from "./client.ts";
import type { Collection, StoredRecord } from "./types.ts";

const NAMES_AT_ONCE = 20;

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
        ...nameFields.map((field) => `${field}:lower = ${JSON.stringify(name.toLowerCase())}`),
      ])
      .join(" || ");
    const page = await client.collection(target.name).getList<StoredRecord>(1, 500, { filter, skipTotal: true });
    for (const name of some) {
      const lower = name.toLowerCase();
      const isCalledSo = (record: StoredRecord) =>
        record.id === name || nameFields.some((field) => String(record[field]).toLowerCase() === lower);
      const matching = page.items.filter(isCalledSo);
      const [only] = matching;
      if (only && matching.length === 1) found.set(name, only);
    }
  }
  return found;
}
