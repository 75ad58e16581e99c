import type { StoredRecord } from "#api/types.ts";

/** The record as the API sends it, without what came along. */
export function asJson({ expand: _, ...values }: StoredRecord): string {
  return JSON.stringify(values, null, 2);
}
