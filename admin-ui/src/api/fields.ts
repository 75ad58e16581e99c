/** Small changes to a collection's fields, from the head of a grid. */

import { client } from "./client.ts";
import type { Collection, Field } from "./types.ts";

type WithFields = Pick<Collection, "id" | "fields">;

/** The definition may have changed since it was loaded, so it is read right before. */
async function changeFields(collection: WithFields, change: (fields: Field[]) => Partial<Field>[]): Promise<void> {
  const { fields } = await client.collections.getOne<WithFields & Record<string, unknown>>(collection.id);
  await client.collections.update(collection.id, { fields: change(fields) });
}

/** The new field stands before the dates that set themselves at the end of most collections. */
export async function addField(collection: WithFields, field: Partial<Field>): Promise<void> {
  await changeFields(collection, (fields) => {
    const last = fields.findLastIndex(({ type }) => type !== "autodate");
    return [...fields.slice(0, last + 1), field, ...fields.slice(last + 1)];
  });
}

export async function renameField(collection: WithFields, id: string, name: string): Promise<void> {
  await changeFields(collection, (fields) => fields.map((field) => (field.id === id ? { ...field, name } : field)));
}
