/** What gestures write into cells: a value, an emptied range, a filled one. */

import type { StoredRecord } from "#api/types.ts";
import { editingOf, readText } from "#fields/editing.ts";
import { breather } from "#lib/breathe.ts";
import { continueSeries } from "#lib/grid/fill.ts";
import { isSame } from "#lib/grid/marks.ts";
import type { Range } from "#lib/grid/ranges.ts";
import { toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { canType, type GridNow, selectedRange, shownRecord, takeRows, valueAt, valueIn } from "./grid-now.ts";
import type { CellChange } from "./row-steps.ts";
import type { Row } from "./use-rows.ts";

/** More is not what somebody means who types in a grid; imports are made for that. */
export const MAX_CELLS = 20_000;

/** Without a row, a new one begins. */
export function writeValue(
  now: GridNow,
  row: Row | null,
  column: number,
  value: unknown,
  known: readonly StoredRecord[] = [],
): void {
  const field = now.columns[column]?.field;
  if (!canType(now, field)) return;
  now.editor.links.learn(known);
  if (!row) {
    now.editor.add([{ [field.name]: value }]);
    return;
  }
  const change = changeIn(now, row, column, value);
  if (change) now.editor.write([change]);
}

/** Reads what was typed. A text that is no value stays in the cell, with the reason. */
export function writeText(now: GridNow, row: Row | null, column: number, text: string): void {
  const field = now.columns[column]?.field;
  if (!canType(now, field)) return;
  const reading = readText(text, field);
  if (reading.status === "read") writeValue(now, row, column, reading.value);
  else if (reading.status === "unreadable") {
    const held = { [field.name]: { text, why: words().grid.unreadable[reading.why] } };
    now.editor.hold(row?.key ?? null, held);
  }
}

export async function emptyCells(now: GridNow): Promise<void> {
  await writeRange(now, () => (_, column) => {
    const field = now.columns[column]?.field;
    return field && editingOf(field).emptyValue(field);
  });
}

/** Writes the value of the active cell into all selected ones. */
export async function repeatActive(now: GridNow): Promise<void> {
  const { anchor } = now.selection;
  const value = valueAt(now, anchor);
  learnFrom(now, now.rows.at(anchor.row), anchor.column);
  const type = now.columns[anchor.column]?.field.type;
  await writeRange(now, () => (_, column) => (now.columns[column]?.field.type === type ? value : undefined));
}

/** Copies the first selected row into the others. */
export async function fillDown(now: GridNow): Promise<void> {
  await writeRange(now, ([first = null]) => {
    now.columns.forEach((_, column) => {
      learnFrom(now, first, column);
    });
    return (row, column) => (row === first ? undefined : valueIn(now, first, column));
  });
}

/** What is written into a cell. `undefined` leaves it alone. */
type ValueFor = (row: Row, column: number) => unknown;

/** Writes into every selected cell that can be typed into. */
async function writeRange(now: GridNow, valuesFor: (rows: readonly Row[]) => ValueFor): Promise<void> {
  const range = selectedRange(now);
  const rows = range && (await rowsOf(now, range));
  if (!range || !rows) return;
  const valueFor = valuesFor(rows);
  const changes: CellChange[] = [];
  const breathe = breather();
  for (const row of rows) {
    await breathe();
    for (let column = range.left; column <= range.right; column++) {
      const change = changeIn(now, row, column, valueFor(row, column));
      if (change) changes.push(change);
    }
  }
  now.editor.write(changes);
}

/** `null` where nothing is to be changed. */
export function changeIn(now: GridNow, row: Row, column: number, after: unknown): CellChange | null {
  const field = now.columns[column]?.field;
  const { key } = row;
  if (after === undefined || key === "" || !canType(now, field)) return null;
  const before = valueIn(now, row, column);
  const isHeld = now.editor.unsaved.row(key)?.refused[field.name] !== undefined;
  return isSame(before, after) && !isHeld ? null : { key, field: field.name, before, after };
}

/** The rows of a range. `null` when there are too many, or they cannot be fetched. */
export async function rowsOf(now: GridNow, range: Range): Promise<Row[] | null> {
  const cells = (range.bottom - range.top + 1) * (range.right - range.left + 1);
  if (cells > MAX_CELLS) {
    toastProblem(words().grid.tooManyCells(MAX_CELLS));
    return null;
  }
  try {
    return await takeRows(now, range.top, range.bottom);
  } catch {
    toastProblem(words().errors.offline);
    return null;
  }
}

/**
 * What the fill handle does: continues the selected values up, down, left or right, as far as `target` reaches. The
 * target contains the source.
 */
export async function fill(now: GridNow, source: Range, target: Range): Promise<void> {
  const rows = await rowsOf(now, target);
  if (!rows) return;
  const isVertical = target.top < source.top || target.bottom > source.bottom;
  const changes: CellChange[] = [];
  const lines = isVertical ? source.right - source.left + 1 : source.bottom - source.top + 1;
  for (let line = 0; line < lines; line++) {
    const at = (index: number) => {
      const [row, column] = isVertical ? [index, source.left + line] : [source.top + line, index];
      return { row: rows[row - target.top] ?? null, column };
    };
    const [from, to] = isVertical ? [source.top, source.bottom] : [source.left, source.right];
    const [first, last] = isVertical ? [target.top, target.bottom] : [target.left, target.right];
    const cells = Array.from({ length: to - from + 1 }, (_, index) => at(from + index));
    const values = cells.map(({ row, column }) => valueIn(now, row, column));
    for (const { row, column } of cells) learnFrom(now, row, column);
    const isBackwards = first < from;
    const count = isBackwards ? from - first : last - to;
    continueSeries(values, count, isBackwards).forEach((value, index) => {
      const { row, column } = at(isBackwards ? from - 1 - index : to + 1 + index);
      const isSameType = now.columns[column]?.field.type === now.columns[at(from).column]?.field.type;
      const change = row && isSameType ? changeIn(now, row, column, value) : null;
      if (change) changes.push(change);
    });
  }
  now.editor.write(changes);
}

/** Links that are copied keep their names. */
export function learnFrom(now: GridNow, row: Row | null, column: number): void {
  const field = now.columns[column]?.field;
  if (field?.type !== "relation") return;
  const linked = shownRecord(now, row).expand?.[field.name] ?? [];
  now.editor.links.learn(Array.isArray(linked) ? linked : [linked]);
}
