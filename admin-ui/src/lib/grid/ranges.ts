/**
 * Where the cursor of a grid is, what is selected, and where keys move it. Rows and columns count from 0; row -1 is the
 * head of the columns, column -1 the head of the rows.
 */

export type CellPosition = { row: number; column: number };

/** Both ends belong to it. */
export type Range = { top: number; left: number; bottom: number; right: number };

type SelectionKind = "cells" | "rows" | "columns" | "all";

/** The anchor has the keyboard's focus; the head is the other corner, which moves with Shift. */
export type Selection = { anchor: CellPosition; head: CellPosition; kind: SelectionKind };

/** How much there is to move in. `lastRow` may lie one below the last record: the place for a new one. */
export type GridSize = { rows: number; columns: number; lastRow: number; pageRows: number };

export function selectCell(position: CellPosition): Selection {
  return { anchor: position, head: position, kind: "cells" };
}

export function extendTo(selection: Selection, head: CellPosition): Selection {
  return { ...selection, head };
}

/** How far a record has moved. `null`: it is gone. `undefined`: nobody knows. */
export type Shift = number | null | undefined;

/**
 * The selection after the records at its ends have moved. Where one is gone, the other end alone stays selected: nobody
 * has chosen what lies between now.
 */
export function movedBy(selection: Selection, anchorBy: Shift, headBy: Shift): Selection {
  const anchor = { ...selection.anchor, row: selection.anchor.row + (anchorBy ?? headBy ?? 0) };
  const head = { ...selection.head, row: selection.head.row + (headBy ?? anchorBy ?? 0) };
  if (anchorBy !== null && headBy !== null) return { ...selection, anchor, head };
  const { row } = anchorBy === null && headBy !== null ? head : anchor;
  return { ...selection, anchor: { ...anchor, row }, head: { ...head, row } };
}

/** What is selected, inside the grid; `null` when that is nothing but a head or the place for a new row. */
export function rangeOf({ anchor, head, kind }: Selection, { rows, columns }: GridSize): Range | null {
  const isWide = kind === "rows" || kind === "all";
  const isHigh = kind === "columns" || kind === "all";
  const top = isHigh ? 0 : Math.max(0, Math.min(anchor.row, head.row));
  const bottom = isHigh ? rows - 1 : Math.min(rows - 1, Math.max(anchor.row, head.row));
  const left = isWide ? 0 : Math.max(0, Math.min(anchor.column, head.column));
  const right = isWide ? columns - 1 : Math.min(columns - 1, Math.max(anchor.column, head.column));
  return top > bottom || left > right ? null : { top, left, bottom, right };
}

export function contains(range: Range | null, { row, column }: CellPosition): boolean {
  if (!range) return false;
  return row >= range.top && row <= range.bottom && column >= range.left && column <= range.right;
}

function isSingleCell({ top, left, bottom, right }: Range): boolean {
  return top === bottom && left === right;
}

/**
 * Where a key leads, or `null` when it is not one that moves. `isFar` is Ctrl, or Command on a Mac; with an arrow it
 * means the edge of a block, which depends on the cells: `blockEdge`.
 */
export function move(from: CellPosition, key: string, isFar: boolean, size: GridSize): CellPosition | null {
  const to = destination(from, key, isFar, size);
  return to && keepInside(to, size);
}

function destination({ row, column }: CellPosition, key: string, isFar: boolean, size: GridSize) {
  const lastColumn = size.columns - 1;
  const lastRecord = size.rows - 1;
  switch (key) {
    case "ArrowUp":
      return { row: row - 1, column };
    case "ArrowDown":
      return { row: row + 1, column };
    case "ArrowLeft":
      return { row, column: column - 1 };
    case "ArrowRight":
      return { row, column: column + 1 };
    case "PageUp":
      return { row: row < 0 ? row : Math.max(0, row - size.pageRows), column };
    case "PageDown":
      return { row: Math.max(0, Math.min(row + size.pageRows, Math.max(row, lastRecord))), column };
    case "Home":
      return { row: isFar ? 0 : row, column: 0 };
    case "End":
      return { row: isFar ? lastRecord : row, column: lastColumn };
    default:
      return null;
  }
}

export function keepInside({ row, column }: CellPosition, { lastRow, columns }: GridSize): CellPosition {
  return {
    row: Math.max(-1, Math.min(lastRow, row)),
    column: Math.max(-1, Math.min(columns - 1, column)),
  };
}

/**
 * The next cell for Tab and Enter. In a range of several cells they walk through it and begin again at its end; else
 * Tab goes to the next column and over the edge into the next row, Enter to the next row. `null` at the grid's end, so
 * that Tab leaves it.
 */
export function step(
  from: CellPosition,
  direction: "row" | "column",
  isBack: boolean,
  range: Range | null,
  size: GridSize,
): CellPosition | null {
  const by = isBack ? -1 : 1;
  if (range && !isSingleCell(range) && contains(range, from)) return stepInside(from, direction, by, range);
  if (direction === "row") return keepInside({ row: from.row + by, column: from.column }, size);
  const column = from.column + by;
  if (column >= 0 && column < size.columns) return { row: from.row, column };
  const row = from.row + by;
  if (row < 0 || row > size.lastRow) return null;
  return { row, column: by > 0 ? 0 : size.columns - 1 };
}

function stepInside({ row, column }: CellPosition, direction: "row" | "column", by: number, range: Range) {
  const width = range.right - range.left + 1;
  const height = range.bottom - range.top + 1;
  const count = width * height;
  const [x, y] = [column - range.left, row - range.top];
  const index = ((direction === "row" ? x * height + y : y * width + x) + by + count) % count;
  return direction === "row"
    ? { row: range.top + (index % height), column: range.left + Math.floor(index / height) }
    : { row: range.top + Math.floor(index / width), column: range.left + (index % width) };
}
