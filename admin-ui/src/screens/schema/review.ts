/** Does a change need to be looked at before it is saved? Only what touches data that is there does. */

import type { SchemaPreview } from "#api/schema.ts";
import type { Draft } from "./draft.ts";

export function needsReview(draft: Draft, preview: SchemaPreview | null): boolean {
  if (preview === null) return losesSomething(draft);
  if (preview.losesData || !preview.isAllowed) return true;
  return preview.collections.some(
    ({ isRequested, action, fields, indexes }) =>
      (!isRequested && action !== "update") ||
      fields.some(({ violations }) => (violations?.count ?? 0) > 0) ||
      indexes.some(({ duplicates }) => (duplicates?.records ?? 0) > 0),
  );
}

/** As far as the draft itself shows. */
function losesSomething({ fields }: Draft): boolean {
  return fields.some(
    ({ isRemoved, field, stored }) =>
      isRemoved || (stored !== undefined && (stored.maxSelect ?? 1) > 1 && (field.maxSelect ?? 1) <= 1),
  );
}
