/** Does a change need to be looked at before it is saved? Only what touches data that is there does. */

import type { SchemaPreview } from "#api/schema.ts";

export function needsReview(preview: SchemaPreview): boolean {
  if (preview.losesData || !preview.isAllowed) return true;
  return preview.collections.some(
    ({ isRequested, action, fields, indexes }) =>
      (!isRequested && action !== "update") ||
      fields.some(({ violations }) => (violations?.count ?? 0) > 0) ||
      indexes.some(({ duplicates }) => (duplicates?.records ?? 0) > 0),
  );
}
