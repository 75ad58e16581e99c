/** Where each column stands, and which of them are drawn. */

import { columnEdges, columnWindow } from "#lib/grid/view-window.ts";
import type { Column } from "./layout.ts";

/** The head of the rows: their number, and the button that opens them. */
export const HEAD_PX = 68;
/** Behind the last column, for a new one. */
export const TAIL_PX = 56;
export const HEAD_HEIGHT_PX = 38;
export const FOOT_HEIGHT_PX = 34;

/** Frozen columns must leave room for the others. */
const MAX_FROZEN_SHARE = 0.55;

/** Where only two or three columns are in sight. */
const NARROW_PX = 640;
const MIN_FIRST_PX = 100;

export type PlacedColumn = Column & { index: number; leftPx: number; isFrozen: boolean; isLastFrozen: boolean };

/** `frozen`: how many somebody has chosen. */
export function placeColumns(
  allColumns: readonly Column[],
  frozen: number | undefined,
  viewPx: number,
): PlacedColumn[] {
  const columns = frozen === undefined && viewPx < NARROW_PX ? withNarrowFirst(allColumns, viewPx) : allColumns;
  // Somebody who scrolls to the right still sees which row is which.
  const wanted = frozen ?? 1;
  const edges = columnEdges(columns.map(({ widthPx }) => widthPx));
  let still = 0;
  while (still < wanted && HEAD_PX + (edges[still + 1] ?? Number.POSITIVE_INFINITY) <= viewPx * MAX_FROZEN_SHARE)
    still += 1;
  return columns.map((column, index) => ({
    ...column,
    index,
    leftPx: HEAD_PX + (edges[index] ?? 0),
    isFrozen: index < still,
    isLastFrozen: index === still - 1,
  }));
}

/** The first column says which record a row is about, so it stays in sight, as wide as there is room. */
function withNarrowFirst(columns: readonly Column[], viewPx: number): Column[] {
  const [first, ...others] = columns;
  if (!first) return [];
  const roomPx = Math.max(MIN_FIRST_PX, Math.floor(viewPx * MAX_FROZEN_SHARE) - HEAD_PX);
  return [{ ...first, widthPx: Math.min(first.widthPx, roomPx) }, ...others];
}

export function frozenPx(placed: readonly PlacedColumn[]): number {
  const last = placed.findLast(({ isFrozen }) => isFrozen);
  return last ? last.leftPx + last.widthPx : HEAD_PX;
}

export function totalPx(placed: readonly PlacedColumn[]): number {
  const last = placed.at(-1);
  return last ? last.leftPx + last.widthPx : HEAD_PX;
}

/** The frozen ones, those in sight, and the one with the cursor, which must not lose the focus. */
export function drawnColumns(
  placed: readonly PlacedColumn[],
  scrollLeft: number,
  viewPx: number,
  active: number,
): PlacedColumn[] {
  const moving = placed.filter(({ isFrozen }) => !isFrozen);
  const start = moving[0]?.leftPx ?? 0;
  const edges = columnEdges(moving.map(({ widthPx }) => widthPx));
  const { first, last } = columnWindow(edges, scrollLeft + frozenPx(placed) - start, scrollLeft + viewPx - start);
  return placed.filter((column) => {
    const index = column.index - (placed.length - moving.length);
    return column.isFrozen || column.index === active || (index >= first && index <= last);
  });
}
