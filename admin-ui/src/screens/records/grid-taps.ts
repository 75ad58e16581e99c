/** What a tap and a double click on a cell do. */

import type { MouseEvent } from "react";
import { extendTo, selectCell } from "#lib/grid/ranges.ts";
import { openCell } from "./grid-keys.ts";
import type { GridNow } from "./grid-now.ts";
import { cellAt } from "./grid-pointer.ts";

/** A finger's tap selects; the mouse has done so when it was pressed. */
export function onTap(event: MouseEvent, now: GridNow): void {
  const isTouch = event.nativeEvent instanceof PointerEvent && event.nativeEvent.pointerType === "touch";
  const position = event.target instanceof Element ? cellAt(event.target) : null;
  if (!isTouch || !position || (event.target instanceof Element && event.target.closest("button, a"))) return;
  if (position.column === -1) now.select({ ...selectCell(position), kind: "rows" }, false);
  else now.select(event.shiftKey ? extendTo(now.selection, position) : selectCell(position), false);
}

export function onDoubleTap(event: MouseEvent, now: GridNow): void {
  const target = event.target instanceof Element ? event.target : null;
  const position = cellAt(target);
  if (!position || position.row < 0 || target?.closest("button, a, textarea")) return;
  const { row, column } = now.selection.anchor;
  if (row === position.row && column === position.column) openCell(now);
}
