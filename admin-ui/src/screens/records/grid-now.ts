/** What the gestures of the grid work on: the grid as it is drawn at the moment. */

import type { Collection, Field, StoredRecord } from "#api/types.ts";
import { editingOf, isTypable } from "#fields/editing.ts";
import type { CellPosition, GridSize, Range, Selection } from "#lib/grid/ranges.ts";
import { rangeOf } from "#lib/grid/ranges.ts";
import { Unread } from "#lib/grid/unsaved.ts";
import type { Column } from "./layout.ts";
import type { RowEditor } from "./row-editor.ts";
import type { Row, Rows } from "./use-rows.ts";

/**
 * An open editor. `of`: the row that it was opened in, which others may move meanwhile; `null` for a new row. `typed`:
 * the key that opened it.
 */
export type Typing = CellPosition & { of: Row | null; typed: string | null };

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
  /** Moves the selection along with its rows. */
  follow: (selection: Selection) => void;
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
export function valueIn(now: GridNow, row: Row | null, column: number): unknown {
  const field = now.columns[column]?.field;
  if (!field) return undefined;
  const value = shownRecord(now, row)[field.name];
  return value instanceof Unread ? (row?.record?.[field.name] ?? editingOf(field).emptyValue(field)) : value;
}

export function valueAt(now: GridNow, { row, column }: CellPosition): unknown {
  return valueIn(now, now.rows.at(row), column);
}

export function textIn(now: GridNow, row: Row | null, column: number): string {
  const field = now.columns[column]?.field;
  if (!field) return "";
  const record = shownRecord(now, row);
  const value = record[field.name];
  if (value instanceof Unread) return value.text;
  return editingOf(field).toText(value, { field, record, collections: now.collections });
}

export function canType(now: GridNow, field: Field | undefined): field is Field {
  return now.canWrite && field !== undefined && isTypable(field);
}

export function rowsBetween({ rows }: GridNow, first: number, last: number): (Row | null)[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => rows.at(first + index));
}

/**
 * Fetches the rows that are missing. The others are taken as they are at the moment: those that somebody sees are meant,
 * wherever they are by the time that all have come.
 */
export async function takeRows(now: GridNow, first: number, last: number): Promise<Row[]> {
  const seen = rowsBetween(now, first, last);
  await now.rows.load(first, last);
  return seen.map((row, index) => (row?.key ? row : now.rows.at(first + index))).filter((row) => row !== null);
}

/** The row that is typed into, as it is by now, and where it is. */
export function typedPlace({ rows, editor }: GridNow, { row: index, of }: Typing): { index: number; row: Row | null } {
  if (!of) return { index: rows.count, row: null };
  const key = editor.keyNow(of.key);
  const there = rows.at(index);
  if (of.key === "" || there?.key === key) return { index, row: there };
  const found = rows.indexOf(key);
  return found < 0 ? { index, row: { ...of, key } } : { index: found, row: rows.at(found) };
}
