/** Which records of other collections point to some records, so that deleting does not come as a surprise. */

import { type BackRelation, backRelations, usedByFilter } from "./back-relations.ts";
import { client } from "./client.ts";
import { explain } from "./errors.ts";
import type { Collection, Field, StoredRecord } from "./types.ts";

export type Reference = {
  collection: Collection;
  field: Field;
  /** How many records point to one of them. */
  count: number;
  /** Which of them they point to, so that it can be restored; not all of them when there are very many. */
  records: { id: string; links: string[] }[];
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
    const isOne = (link: unknown): link is string => ids.some((id) => id === link);
    const page = await client.collection(collection.name).getList<StoredRecord>(1, MAX_RESTORED, options);
    found.count += page.totalItems;
    for (const record of page.items) {
      const links = [record[field.name]].flat().filter(isOne);
      if (found.records.length < MAX_RESTORED) found.records.push({ id: record.id, links });
    }
  }
  return found;
}

/**
 * Puts the links back that were taken out of other records, and leaves alone what these were linked to since. Says how
 * many have not got theirs back.
 */
export async function restoreReference(reference: Reference): Promise<number> {
  let lost = reference.count - reference.records.length;
  for (const { id, links } of reference.records) {
    const isRestored = await restoreLinks(reference, id, links).catch((error) => explain(error).kind === "missing");
    if (!isRestored) lost += 1;
  }
  return lost;
}

async function restoreLinks({ collection, field }: Reference, id: string, links: string[]): Promise<true> {
  const records = client.collection(collection.name);
  if ((field.maxSelect ?? 1) > 1) await records.update(id, { [`${field.name}+`]: links });
  else {
    const now = await records.getOne<StoredRecord>(id, { fields: field.name });
    if (now[field.name] === "") await records.update(id, { [field.name]: links[0] });
  }
  return true;
}
