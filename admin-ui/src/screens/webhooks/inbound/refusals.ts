/** Why the record of a preview would not be stored, by field, in words. */

import { sayFinding } from "#api/findings.ts";
import type { InboundPreview } from "#api/inbound.ts";
import { flattenErrors } from "#lib/schema/flat-errors.ts";

/** Of several findings about one field, the first. */
export function refusalsOf({ errors }: InboundPreview): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [path, finding] of Object.entries(flattenErrors(errors))) {
    const field = path.split(".", 1)[0] ?? path;
    if (!found.has(field)) found.set(field, sayFinding(finding));
  }
  return found;
}
