/**
 * Ctrl and an arrow key: to the edge of a block of filled cells. Upwards and downwards that may lead far beyond what is
 * loaded, so the server is asked whether the column has empty cells, and if so, rows are fetched up to a limit.
 */

import type { Field } from "#api/types.ts";
import { blockEdge } from "#lib/grid/block-edge.ts";
import { type CellPosition, extendTo, keepInside, type Selection, selectCell } from "#lib/grid/ranges.ts";
import { Unread } from "#lib/grid/unsaved.ts";
import { type GridNow, shownRecord } from "./grid-now.ts";

/** So many rows are fetched for one jump. The next one goes on from there. */
const MAX_FETCHED_ROWS = 5_000;
const FETCHED_ROWS = 1_000;

const DIRECTIONS: Record<string, { axis: "row" | "column"; by: 1 | -1 }> = {
  ArrowUp: { axis: "row", by: -1 },
  ArrowDown: { axis: "row", by: 1 },
  ArrowLeft: { axis: "column", by: -1 },
  ArrowRight: { axis: "column", by: 1 },
};

/** Returns whether the key is an arrow. */
export function jump(latest: () => GridNow, key: string, isExtending: boolean): boolean {
  const direction = DIRECTIONS[key];
  if (!direction) return false;
  const now = latest();
  const from = isExtending ? now.selection.head : now.selection.anchor;
  const { at, isKnown } = edgeFrom(now, from, direction);
  if (isKnown) go(now, { ...from, [direction.axis]: at }, isExtending);
  else void jumpFar(latest, from, direction.by, isExtending);
  return true;
}

function go(now: GridNow, to: CellPosition, isExtending: boolean): void {
  const inside = keepInside(to, now.size);
  const { selection } = now;
  if (isExtending && selection.anchor.row >= 0) {
    now.select(extendTo(selection, { row: Math.max(0, inside.row), column: Math.max(0, inside.column) }));
  } else now.select(selectCell(inside));
}

function edgeFrom(now: GridNow, from: CellPosition, { axis, by }: { axis: "row" | "column"; by: 1 | -1 }) {
  const isRow = axis === "row";
  const last = (isRow ? now.size.rows : now.size.columns) - 1;
  // The heads are one block, and below them is the place for a new row.
  const isHead = isRow ? from.column < 0 : from.row < 0;
  const isFilled = (index: number) => isHead || isFilledAt(now, { ...from, [axis]: index });
  return blockEdge({ from: from[axis], by, last, isFilled });
}

/** `null` while the row is on its way. */
function isFilledAt(now: GridNow, { row, column }: CellPosition): boolean | null {
  const field = now.columns[column]?.field;
  const found = now.rows.at(row);
  if (!field || !found) return false;
  if (!found.record && !found.isAdded) return null;
  const value = shownRecord(now, found)[field.name];
  return value instanceof Unread || !isEmpty(value);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** Up or down, beyond what is loaded. */
async function jumpFar(latest: () => GridNow, from: CellPosition, by: 1 | -1, isExtending: boolean): Promise<void> {
  const { selection: before, columns } = latest();
  const field = columns[from.column]?.field;
  const to = field && (await hasNoEmptyCells(latest(), field)) ? endOf(latest(), by) : await search(latest, from, by);
  const now = latest();
  // Somebody who went on meanwhile is not called back.
  if (isSameSelection(before, now.selection) && !now.typing) go(now, { ...from, row: to }, isExtending);
}

async function hasNoEmptyCells(now: GridNow, field: Field): Promise<boolean> {
  // These have a value in every record.
  if (field.type === "number" || field.type === "bool") return true;
  return (await now.rows.countEmpty(field.name)) === 0;
}

function endOf({ size }: GridNow, by: 1 | -1): number {
  return by > 0 ? size.rows - 1 : 0;
}

async function search(latest: () => GridNow, from: CellPosition, by: 1 | -1): Promise<number> {
  for (let fetched = 0; ; fetched += FETCHED_ROWS) {
    const now = latest();
    const { at, isKnown } = edgeFrom(now, from, { axis: "row", by });
    if (isKnown || fetched >= MAX_FETCHED_ROWS) return at;
    const until = Math.max(0, Math.min(now.size.rows - 1, at + by * FETCHED_ROWS));
    try {
      await now.rows.load(Math.min(at, until), Math.max(at, until));
    } catch {
      return at;
    }
  }
}

function isSameSelection(one: Selection, other: Selection): boolean {
  const isSame = (a: CellPosition, b: CellPosition) => a.row === b.row && a.column === b.column;
  return one.kind === other.kind && isSame(one.anchor, other.anchor) && isSame(one.head, other.head);
}
