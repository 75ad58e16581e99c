/** Records that others are linked to in the grid, while the server's answers do not have the links yet. */

import type { StoredRecord } from "#api/types.ts";
import type { Values } from "#lib/grid/unsaved.ts";

export class LinkedRecords {
  readonly #known = new Map<string, StoredRecord>();

  learn(records: readonly StoredRecord[]): void {
    for (const record of records) this.#known.set(record.id, record);
  }

  /** The record as it will be once everything is saved. */
  withUnsaved(record: StoredRecord, values: Values | undefined): StoredRecord {
    if (!values) return record;
    const expand = { ...record.expand };
    for (const [field, value] of Object.entries(values)) {
      const ids = Array.isArray(value) ? value : [value];
      const linked = ids.map((id) => this.#known.get(String(id))).filter((other) => other !== undefined);
      if (linked.length > 0) expand[field] = linked;
    }
    return { ...record, ...values, expand };
  }
}
