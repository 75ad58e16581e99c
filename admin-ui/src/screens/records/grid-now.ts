/** What the gestures of the grid work on: the grid as it is drawn at the moment. */

import type { Collection, Field, StoredRecord } from "#api/types.ts";
import { editingOf, isTypable } from "#fields/editing.ts";
import type { CellPosition, GridSize, Range, Selection } from "#lib/grid/ranges.ts";
import { rangeOf } from "#lib/grid/ranges.ts";
import { Unread } from "#lib/grid/unsaved.ts";
import type { Column } from "./layout.ts";
import type { RowEditor } from "./row-editor.ts";
import type { Row, Rows } from "./use-rows.ts";

/** An open editor. `typed`: the key that opened it. */
export type Typing = { row: number; column: number; typed: string | null };

export type GridNow = {
  collection: Collection;
  collections: readonly Collection[];
  columns: readonly Column[];
  rows: Rows;
  size: GridSize;
  editor: RowEditor;
  selection: Selection;
  typing: Typing | null;
  /** Views cannot be written. */
  canWrite: boolean;
  select: (selection: Selection, isScrolled?: boolean) => void;
  type: (typing: Typing | null) => void;
  openRecord: (id: string) => void;
  /** For screen readers. */
  say: (text: string) => void;
};

export function selectedRange(now: GridNow): Range | null {
  return rangeOf(now.selection, now.size);
}

/** The record with what is not saved yet; a new row has no values. */
export function shownRecord({ editor, collection }: GridNow, row: Row | null): StoredRecord {
  const record = row?.record ?? { id: "", collectionId: collection.id, collectionName: collection.name };
  return row ? editor.links.withUnsaved(record, editor.unsaved.row(row.key)?.values) : record;
}

/** What stands in the cell, as far as it is a value. */
export function valueAt(now: GridNow, { row, column }: CellPosition): unknown {
  const field = now.columns[column]?.field;
  if (!field) return undefined;
  const found = now.rows.at(row);
  const value = shownRecord(now, found)[field.name];
  return value instanceof Unread ? (found?.record?.[field.name] ?? editingOf(field).emptyValue(field)) : value;
}

export function textAt(now: GridNow, { row, column }: CellPosition): string {
  const field = now.columns[column]?.field;
  if (!field) return "";
  const record = shownRecord(now, now.rows.at(row));
  const value = record[field.name];
  if (value instanceof Unread) return value.text;
  return editingOf(field).toText(value, { field, record, collections: now.collections });
}

export function canType(now: GridNow, field: Field | undefined): field is Field {
  return now.canWrite && field !== undefined && isTypable(field);
}

/** The place below the last row, where a new one begins. */
export function isNewRow(now: GridNow, row: number): boolean {
  return row === now.rows.count;
}
