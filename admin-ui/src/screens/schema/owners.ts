/** Which fields of a draft can say whose record it is. */

import type { OwnerField } from "#lib/rules/presets.ts";
import { type Draft, keptFields } from "./draft.ts";

/** Ids are unique over all auth collections, so a link to any collection may name the owner; the caller decides which. */
export function ownerFields(draft: Draft): OwnerField[] {
  const links = keptFields(draft)
    .filter(({ field }) => field.type === "relation" && field.name !== "")
    .map(({ field }) => ({ field: field.name, isMultiple: (field.maxSelect ?? 1) > 1 }));
  return draft.collection.type === "auth" ? [{ field: "id", isMultiple: false }, ...links] : links;
}
