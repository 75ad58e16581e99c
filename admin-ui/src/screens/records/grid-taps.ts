/** What a tap and a double click on a cell do. */

import type { MouseEvent } from "react";
import { type CellPosition, extendTo, selectCell } from "#lib/grid/ranges.ts";
import { openCell } from "./grid-keys.ts";
import type { GridNow } from "./grid-now.ts";
import { cellAt } from "./grid-pointer.ts";

/** What the mouse presses is selected by then. A double click comes after its two clicks. */
let isByFinger = false;

/** A finger's tap selects, and edits what is selected already. */
export function onTap(event: MouseEvent, now: GridNow): void {
  isByFinger = event.nativeEvent instanceof PointerEvent && event.nativeEvent.pointerType === "touch";
  const target = event.target instanceof Element ? event.target : null;
  const position = cellAt(target);
  if (!isByFinger || !position || target?.closest("button, a, input, textarea")) return;
  if (isActive(now, position)) openCell(now);
  else if (position.column === -1) now.select({ ...selectCell(position), kind: "rows" }, false);
  else now.select(event.shiftKey ? extendTo(now.selection, position) : selectCell(position), false);
}

export function onDoubleTap(event: MouseEvent, now: GridNow): void {
  const target = event.target instanceof Element ? event.target : null;
  const position = cellAt(target);
  if (isByFinger || !position || position.row < 0 || target?.closest("button, a, textarea")) return;
  if (isActive(now, position)) openCell(now);
}

function isActive({ selection: { anchor, kind } }: GridNow, { row, column }: CellPosition): boolean {
  return kind === "cells" && row >= 0 && column >= 0 && anchor.row === row && anchor.column === column;
}
