/** What somebody types into a search box, as a filter over the fields of a collection that hold words. */

import type { Collection } from "#api/types.ts";
import { toFilter } from "#lib/filter-text.ts";
import { kindOf } from "./registry.ts";
import { isRandomId } from "./visible-fields.ts";

export function searchFilter({ fields }: Collection, typed = ""): string {
  const searched = fields.filter((field) => kindOf(field).isSearched && !field.hidden && !isRandomId(field));
  return toFilter(
    typed,
    searched.map(({ name }) => name),
    fields.map(({ name }) => name),
  );
}
