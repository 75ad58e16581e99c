/** What a file field accepts, and which of some chosen files that is. */

import type { Field } from "#api/types.ts";

/** The server's limit where the field names none. */
const USUAL_MAX_BYTES = 5 * 1024 * 1024;

export function maxBytes(field: Field): number {
  return field.maxSize && field.maxSize > 0 ? field.maxSize : USUAL_MAX_BYTES;
}

export function maxFiles(field: Field): number {
  return Math.max(1, field.maxSelect ?? 1);
}

export type Refusal = { name: string; reason: "size" | "type" | "count" };

/** `room` is how many more fit. The server looks at the content too, so what passes here may still be refused there. */
export function acceptFiles(
  field: Field,
  files: readonly File[],
  room: number,
): { accepted: File[]; refused: Refusal[] } {
  const accepted: File[] = [];
  const refused: Refusal[] = [];
  for (const file of files) {
    if (file.size > maxBytes(field)) refused.push({ name: file.name, reason: "size" });
    else if (!isTypeAccepted(field, file.type)) refused.push({ name: file.name, reason: "type" });
    else if (accepted.length >= room) refused.push({ name: file.name, reason: "count" });
    else accepted.push(file);
  }
  return { accepted, refused };
}

/** Browsers guess a type from the name, and give none where they cannot. */
function isTypeAccepted({ mimeTypes }: Field, type: string): boolean {
  return !mimeTypes?.length || type === "" || mimeTypes.includes(type.split(";")[0] ?? type);
}
