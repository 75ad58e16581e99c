/** What gestures write into cells: a value, an emptied range, a filled one. */

import type { StoredRecord } from "#api/types.ts";
import { editingOf, readText } from "#fields/editing.ts";
import { breather } from "#lib/breathe.ts";
import { continueSeries } from "#lib/grid/fill.ts";
import { isSame } from "#lib/grid/marks.ts";
import type { CellPosition, Range } from "#lib/grid/ranges.ts";
import { toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { canType, type GridNow, isNewRow, selectedRange, shownRecord, valueAt } from "./grid-now.ts";
import type { CellChange } from "./row-steps.ts";

/** More is not what somebody means who types in a grid; imports are made for that. */
export const MAX_CELLS = 20_000;

export function writeValue(now: GridNow, at: CellPosition, value: unknown, known: readonly StoredRecord[] = []): void {
  const field = now.columns[at.column]?.field;
  if (!canType(now, field)) return;
  now.editor.links.learn(known);
  if (isNewRow(now, at.row)) {
    now.editor.add([{ [field.name]: value }]);
    return;
  }
  const row = now.rows.at(at.row);
  if (!row?.key) return;
  const before = valueAt(now, at);
  const isRefused = now.editor.unsaved.row(row.key)?.refused[field.name] !== undefined;
  if (isSame(before, value) && !isRefused) return;
  now.editor.write([{ key: row.key, field: field.name, before, after: value }]);
}

/** Reads what was typed. A text that is no value stays in the cell, with the reason. */
export function writeText(now: GridNow, at: CellPosition, text: string): void {
  const field = now.columns[at.column]?.field;
  if (!canType(now, field)) return;
  const reading = readText(text, field);
  if (reading.status === "read") writeValue(now, at, reading.value);
  else if (reading.status === "unreadable") {
    const held = { [field.name]: { text, why: words().grid.unreadable[reading.why] } };
    now.editor.hold(isNewRow(now, at.row) ? null : (now.rows.at(at.row)?.key ?? null), held);
  }
}

export async function emptyCells(now: GridNow): Promise<void> {
  await writeRange(now, (position) => {
    const field = now.columns[position.column]?.field;
    return field && editingOf(field).emptyValue(field);
  });
}

/** Writes the value of the active cell into all selected ones. */
export async function repeatActive(now: GridNow): Promise<void> {
  const { anchor } = now.selection;
  const value = valueAt(now, anchor);
  learnFrom(now, anchor);
  const type = now.columns[anchor.column]?.field.type;
  await writeRange(now, (position) => {
    const field = now.columns[position.column]?.field;
    return field?.type === type ? value : undefined;
  });
}

/** Copies the first selected row into the others. */
export async function fillDown(now: GridNow): Promise<void> {
  const range = selectedRange(now);
  if (!range || range.top === range.bottom) return;
  await now.rows.load(range.top, range.top);
  for (let column = range.left; column <= range.right; column++) learnFrom(now, { row: range.top, column });
  await writeRange(now, ({ row, column }) =>
    row === range.top ? undefined : valueAt(now, { row: range.top, column }),
  );
}

/** Writes into every selected cell that can be typed into. `undefined` leaves a cell alone. */
async function writeRange(now: GridNow, valueFor: (position: CellPosition) => unknown): Promise<void> {
  const range = selectedRange(now);
  if (!range || !(await isReady(now, range))) return;
  const changes: CellChange[] = [];
  const breathe = breather();
  for (let row = range.top; row <= range.bottom; row++) {
    await breathe();
    for (let column = range.left; column <= range.right; column++) {
      const change = changeAt(now, { row, column }, valueFor({ row, column }));
      if (change) changes.push(change);
    }
  }
  now.editor.write(changes);
}

function changeAt(now: GridNow, at: CellPosition, after: unknown): CellChange | null {
  const field = now.columns[at.column]?.field;
  const key = now.rows.at(at.row)?.key;
  if (after === undefined || !key || !canType(now, field)) return null;
  const before = valueAt(now, at);
  const isHeld = now.editor.unsaved.row(key)?.refused[field.name] !== undefined;
  return isSame(before, after) && !isHeld ? null : { key, field: field.name, before, after };
}

/** Loads the rows, unless there are too many. */
export async function isReady(now: GridNow, range: Range): Promise<boolean> {
  const cells = (range.bottom - range.top + 1) * (range.right - range.left + 1);
  if (cells > MAX_CELLS) {
    toastProblem(words().grid.tooManyCells(MAX_CELLS));
    return false;
  }
  try {
    await now.rows.load(range.top, range.bottom);
    return true;
  } catch {
    toastProblem(words().errors.offline);
    return false;
  }
}

/**
 * What the fill handle does: continues the selected values up, down, left or right, as far as `target` reaches. The
 * target contains the source.
 */
export async function fill(now: GridNow, source: Range, target: Range): Promise<void> {
  if (!(await isReady(now, target))) return;
  const isVertical = target.top < source.top || target.bottom > source.bottom;
  const changes: CellChange[] = [];
  const lines = isVertical ? source.right - source.left + 1 : source.bottom - source.top + 1;
  for (let line = 0; line < lines; line++) {
    const at = (index: number): CellPosition =>
      isVertical ? { row: index, column: source.left + line } : { row: source.top + line, column: index };
    const [from, to] = isVertical ? [source.top, source.bottom] : [source.left, source.right];
    const [first, last] = isVertical ? [target.top, target.bottom] : [target.left, target.right];
    const values = Array.from({ length: to - from + 1 }, (_, index) => valueAt(now, at(from + index)));
    for (let index = from; index <= to; index++) learnFrom(now, at(index));
    const isBackwards = first < from;
    const count = isBackwards ? from - first : last - to;
    continueSeries(values, count, isBackwards).forEach((value, index) => {
      const position = at(isBackwards ? from - 1 - index : to + 1 + index);
      const isSameType = now.columns[position.column]?.field.type === now.columns[at(from).column]?.field.type;
      const change = isSameType ? changeAt(now, position, value) : null;
      if (change) changes.push(change);
    });
  }
  now.editor.write(changes);
}

/** Links that are copied keep their names. */
export function learnFrom(now: GridNow, { row, column }: CellPosition): void {
  const field = now.columns[column]?.field;
  if (field?.type !== "relation") return;
  const linked = shownRecord(now, now.rows.at(row)).expand?.[field.name] ?? [];
  now.editor.links.learn(Array.isArray(linked) ? linked : [linked]);
}
