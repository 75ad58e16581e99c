/** Texts that could not be read as values, as a step of undo: what stood in their cells before, and the way back to it. */

import type { StoredRecord } from "#api/types.ts";
import { Unread, type Unsaved } from "#lib/grid/unsaved.ts";

/** By field. */
export type Texts = Record<string, { text: string; why: string }>;

/** What was not saved of the same cells before. `why`: it was a text that could not be read either. */
type Before = Record<string, { value: unknown; why?: string | undefined }>;

export type HeldRow = {
  key: string;
  texts: Texts;
  /** The row began with these texts. */
  isNew: boolean;
  /** Absent before it is done for the first time. */
  before?: Before;
};

export function hold(unsaved: Unsaved<StoredRecord>, key: string, row: HeldRow, isUnsaved: boolean): void {
  const { values = {}, refused = {} } = unsaved.row(key) ?? {};
  const there = Object.keys(row.texts).filter((field) => field in values);
  row.before = Object.fromEntries(there.map((field) => [field, { value: values[field], why: refused[field] }]));
  unsaved.hold(key, row.texts, isUnsaved);
}

/** Whether something of it still stands in its cells. What was mended or discarded since is no longer there. */
export function isHeld(unsaved: Unsaved<StoredRecord>, key: string, { texts }: HeldRow): boolean {
  return heldFields(unsaved, key, texts).length > 0;
}

/** Puts back what stood there. Returns the fields that had nothing unsaved before. */
export function release(unsaved: Unsaved<StoredRecord>, key: string, { texts, before = {} }: HeldRow): string[] {
  const bare: string[] = [];
  for (const field of heldFields(unsaved, key, texts)) {
    const former = before[field];
    if (!former) bare.push(field);
    else if (former.value instanceof Unread) {
      unsaved.hold(key, { [field]: { text: former.value.text, why: former.why ?? "" } });
    } else unsaved.change(key, { [field]: former.value });
  }
  return bare;
}

function heldFields(unsaved: Unsaved<StoredRecord>, key: string, texts: Texts): string[] {
  const values = unsaved.row(key)?.values ?? {};
  return Object.entries(texts).flatMap(([field, { text }]) => {
    const value = values[field];
    return value instanceof Unread && value.text === text ? [field] : [];
  });
}
