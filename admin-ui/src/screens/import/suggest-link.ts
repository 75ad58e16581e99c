/** Guesses what the cells of a column link to, from its heading. */

import type { PlanColumn } from "#api/imports.ts";
import type { Collection } from "#api/types.ts";
import { namingFields } from "#fields/record-name.ts";

/** What of a collection says whether a column links to it. */
export type LinkTarget = Pick<Collection, "name" | "type" | "system" | "fields">;

/** Plurals end differently: this many letters at the end of a collection's name need not be in the heading. */
const ENDING = 3;
const SHORTEST_STEM = 3;

/** The collection that the heading names, as `Customer` or `Customer no.` names `customers`. */
export function suggestLink(heading: string, collections: readonly LinkTarget[]): PlanColumn["relation"] {
  const candidates = collections
    .filter(({ type, system }) => type !== "view" && !system)
    .map((collection) => ({ collection, shared: sharedStart(plain(heading), plain(collection.name)) }))
    .filter(({ collection, shared }) => shared >= Math.max(SHORTEST_STEM, plain(collection.name).length - ENDING));
  candidates.sort((one, other) => other.shared - one.shared);
  const found = candidates[0]?.collection;
  return found ? { collection: found.name, field: suggestNaming(heading, found) } : null;
}

/** The field by whose values the cells name records; `null` for the id. */
export function suggestNaming(heading: string, { fields }: LinkTarget): string | null {
  const same = fields.find(({ name, type }) => plain(name) === plain(heading) && type === "text");
  if (same) return same.name;
  return /id$/i.test(heading.trim()) ? null : (namingFields(fields)[0] ?? null);
}

function plain(text: string): string {
  return text
    .normalize("NFD")
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");
}

function sharedStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}
