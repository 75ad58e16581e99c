/** What somebody does to the rows in one go: what undo takes back, and redo does once more. */

import type { PendingDeletion } from "#api/pending-deletions.ts";
import type { Reference } from "#api/references.ts";
import type { StoredRecord } from "#api/types.ts";
import type { Values } from "#lib/grid/unsaved.ts";
import type { HeldRow } from "./held-texts.ts";

export type CellChange = { key: string; field: string; before: unknown; after: unknown };
/** `values` are those it begins with. */
export type NewRow = { key: string; values: Values };

export type Step =
  | { kind: "cells"; changes: CellChange[] }
  | { kind: "added"; rows: NewRow[] }
  | { kind: "deleted"; removal: Removal }
  | { kind: "held"; rows: HeldRow[] }
  | { kind: "several"; steps: Step[] };

/** Records that were deleted together. */
export type Removal = {
  records: StoredRecord[];
  references: Reference[];
  /** Absent before it is done for the first time. */
  pending?: PendingDeletion;
};

/** Tells the person of deletions, and says when they can no longer be taken back in full. */
export type RemovalListener = {
  /** They wait for `carryOut`. */
  onWaiting: (step: Step, removal: Removal) => void;
  /** They were taken back before anything was lost. */
  onTakenBack: (removal: Removal) => void;
  /** They were made again from what was known of them. `lost`: so many records are no longer linked to them. */
  onRemade: (removal: Removal, lost: number) => void;
};
