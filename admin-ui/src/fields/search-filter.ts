/** What somebody types into a search box, as a filter over the fields of a collection. */

import type { Collection, Field } from "#api/types.ts";
import { type SearchedFields, toFilter } from "#lib/filter-text.ts";
import { namingFields } from "./record-name.ts";
import { kindOf } from "./registry.ts";
import { isRandomId } from "./visible-fields.ts";

/** Each link makes the search of a large collection slower. */
const MAX_LINKS = 5;

/** With `collections`, records are also found by the names of those that they link to. */
export function searchFilter(collection: Collection, typed = "", collections: readonly Collection[] = []): string {
  return toFilter(
    typed,
    searchedFields(collection, collections),
    collection.fields.map(({ name }) => name),
  );
}

export function searchedFields({ fields }: Collection, collections: readonly Collection[] = []): SearchedFields {
  const searched = fields.filter((field) => !field.hidden && !isRandomId(field));
  const own = namingFields(fields);
  const linked = searched.flatMap((field) => linkedName(field, collections)).slice(0, MAX_LINKS);
  return {
    texts: searched.filter((field) => kindOf(field).isSearched).map(({ name }) => name),
    numbers: searched.filter(({ type }) => type === "number").map(({ name }) => name),
    // A name in one field is found as any text is.
    names: [...(own.length > 1 ? [{ paths: own, operator: "~" as const }] : []), ...linked],
  };
}

function linkedName({ type, name, collectionId, maxSelect }: Field, collections: readonly Collection[]) {
  const target = type === "relation" ? collections.find(({ id }) => id === collectionId) : undefined;
  const paths = target ? namingFields(target.fields).map((field) => `${name}.${field}`) : [];
  const operator: "~" | "?~" = (maxSelect ?? 1) > 1 ? "?~" : "~";
  return paths.length > 0 ? [{ paths, operator }] : [];
}
