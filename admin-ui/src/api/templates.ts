/** Makes the collections of a template, fills them with samples, and removes the samples again. */

import { queryOptions } from "@tanstack/react-query";
import {
  findTemplate,
  SAMPLE_FILTER,
  sampleRecords,
  type TemplateCollection,
  type TemplateKey,
} from "#lib/templates.ts";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { Collection } from "./types.ts";

/** One after the other, because relations need the collection that they point to. Returns the name of the last one. */
export async function createFromTemplate(key: TemplateKey): Promise<string> {
  const ids = new Map<string, string>();
  const made: string[] = [];
  try {
    for (const template of findTemplate(key).collections) {
      const { id, name } = await client.collections.create(definition(template, ids));
      ids.set(name, id);
      made.push(name);
    }
  } catch (error) {
    // All or nothing: what was made a moment ago holds no data yet.
    for (const name of made.reverse()) await client.collections.delete(name).catch(() => undefined);
    throw error;
  }
  for (const template of findTemplate(key).collections) {
    for (const record of sampleRecords(template)) await client.collection(template.name).create(record);
  }
  return made.at(-1) ?? "";
}

function definition({ name, fields, indexes = [] }: TemplateCollection, ids: ReadonlyMap<string, string>) {
  const linked = fields.map(({ collection, ...field }) =>
    typeof collection === "string" ? { ...field, collectionId: ids.get(collection) } : field,
  );
  return { type: "base", name, fields: linked, indexes };
}

/** The collections that still hold sample records, with their number. */
export const samplesQuery = (collections: readonly Collection[]) =>
  queryOptions({
    queryKey: keys.templateSamples(collections.map(({ name }) => name)),
    queryFn: async ({ signal }) => {
      const found = await Promise.all(
        collections.map(async ({ name }) => {
          const options = { filter: SAMPLE_FILTER, fields: "id", signal };
          const { totalItems } = await client.collection(name).getList(1, 1, options);
          return { name, total: totalItems };
        }),
      );
      return found.filter(({ total }) => total > 0);
    },
    staleTime: 60_000,
  });

/** Those that others refer to come last, so the collections are gone through until nothing is left. */
export async function removeSamples(collections: readonly string[]): Promise<void> {
  let failure: unknown = null;
  for (let round = 0; round < collections.length; round++) {
    failure = null;
    for (const name of collections) {
      const samples = await client
        .collection(name)
        .getFullList<{ id: string }>({ filter: SAMPLE_FILTER, fields: "id" });
      for (const { id } of samples) {
        await client
          .collection(name)
          .delete(id)
          .catch((error: unknown) => {
            failure = error;
          });
      }
    }
    if (failure === null) return;
  }
  throw failure;
}
