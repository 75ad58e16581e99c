/** Which records of other collections point to some records, so that deleting does not come as a surprise. */

import { type BackRelation, backRelations, usedByFilter } from "./back-relations.ts";
import { client } from "./client.ts";
import type { Collection, Field, StoredRecord } from "./types.ts";

export type Reference = {
  collection: Collection;
  field: Field;
  /** How many records point to one of them. */
  count: number;
  /** What they hold now, so that it can be restored; not all of them when there are very many. */
  records: { id: string; value: unknown }[];
};

const MAX_RESTORED = 500;
/** So many ids fit into the longest filter that the server accepts. */
const IDS_AT_ONCE = 50;

export async function findReferences(
  collections: readonly Collection[],
  target: Collection,
  ids: readonly string[],
): Promise<Reference[]> {
  const references: Reference[] = [];
  for (const relation of backRelations(collections, target.id)) {
    const reference = await findIn(relation, ids);
    if (reference.count > 0) references.push(reference);
  }
  return references;
}

async function findIn(relation: BackRelation, ids: readonly string[]): Promise<Reference> {
  const { collection, field } = relation;
  const found: Reference = { collection, field, count: 0, records: [] };
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    const filter = ids
      .slice(from, from + IDS_AT_ONCE)
      .map((id) => usedByFilter(relation, id))
      .join(" || ");
    const options = { filter, fields: `id,${field.name}` };
    const page = await client.collection(collection.name).getList<StoredRecord>(1, MAX_RESTORED, options);
    found.count += page.totalItems;
    for (const record of page.items) {
      if (found.records.length < MAX_RESTORED) found.records.push({ id: record.id, value: record[field.name] });
    }
  }
  return found;
}

/** Puts the links back that were taken out of other records. */
export async function restoreReference({ collection, field, records }: Reference): Promise<void> {
  for (const { id, value } of records) {
    await client
      .collection(collection.name)
      .update(id, { [field.name]: value })
      .catch(() => undefined);
  }
}
