/** What the mouse does in the grid: selecting cells, rows and columns, and dragging the fill handle. */

import type { PointerEvent as ReactPointerEvent } from "react";
import { finishOpenEditors } from "#fields/open-editors.ts";
import { type CellPosition, contains, extendTo, type Range, selectCell } from "#lib/grid/ranges.ts";
import { type GridNow, selectedRange } from "./grid-now.ts";
import { fill } from "./grid-writes.ts";

/** Close to the edge, the grid scrolls along. */
const EDGE_PX = 40;
const SCROLL_PX = 18;

type PointerTools = {
  latest: () => GridNow;
  scroller: HTMLElement;
  /** Shows where the fill handle reaches; null when it is let go. */
  showFill: (range: Range | null) => void;
};

export function cellAt(element: Element | null): CellPosition | null {
  const cell = element?.closest<HTMLElement>("[data-row]");
  if (!cell) return null;
  return { row: Number(cell.dataset.row), column: Number(cell.dataset.column) };
}

export function onGridPointerDown(event: ReactPointerEvent, tools: PointerTools): void {
  const target = event.target instanceof Element ? event.target : null;
  // A finger scrolls; its tap comes as a click.
  if (event.button !== 0 || event.pointerType === "touch" || !target || target.closest("button, a, input, textarea"))
    return;
  // The editor goes before it loses the focus, which would be too late.
  finishOpenEditors();
  if (target.closest("[data-handle]")) {
    event.preventDefault();
    dragFill(tools);
    return;
  }
  const position = cellAt(target);
  // The heads of the columns have their own gestures.
  if (position && position.row >= 0) selectByDrag(position, event.shiftKey, tools);
}

function selectByDrag(position: CellPosition, isExtending: boolean, tools: PointerTools): void {
  const now = tools.latest();
  const kind = position.column === -1 ? "rows" : "cells";
  const first = isExtending ? extendTo(now.selection, position) : selectCell(position);
  now.select(kind === "rows" ? { ...first, kind } : { ...first, kind: isExtending ? first.kind : kind }, false);
  drag(tools, (over) => {
    const current = tools.latest();
    const head = { row: Math.max(0, over.row), column: over.column };
    if (head.row !== current.selection.head.row || head.column !== current.selection.head.column) {
      current.select(extendTo(current.selection, head), false);
    }
  });
}

function dragFill(tools: PointerTools): void {
  const source = selectedRange(tools.latest());
  if (!source) return;
  let target = source;
  drag(
    tools,
    (over) => {
      target = stretched(source, over, tools.latest());
      tools.showFill(target);
    },
    () => {
      tools.showFill(null);
      const now = tools.latest();
      if (target === source) return;
      void fill(now, source, target);
      now.select(
        {
          anchor: { row: target.top, column: target.left },
          head: { row: target.bottom, column: target.right },
          kind: "cells",
        },
        false,
      );
    },
  );
}

/** In one direction only: the one the pointer is further away in. */
function stretched(source: Range, over: CellPosition, { size }: GridNow): Range {
  if (contains(source, over)) return source;
  const row = Math.max(0, Math.min(size.rows - 1, over.row));
  const column = Math.max(0, Math.min(size.columns - 1, over.column));
  const down = Math.max(source.top - row, row - source.bottom, 0);
  const across = Math.max(source.left - column, column - source.right, 0);
  if (down === 0 && across === 0) return source;
  return down >= across
    ? { ...source, top: Math.min(source.top, row), bottom: Math.max(source.bottom, row) }
    : { ...source, left: Math.min(source.left, column), right: Math.max(source.right, column) };
}

function drag(tools: PointerTools, onOver: (position: CellPosition) => void, onEnd?: () => void): void {
  const { scroller } = tools;
  let last = { x: 0, y: 0 };
  let frame = 0;
  const look = () => {
    const position = cellAt(document.elementFromPoint(last.x, last.y));
    if (position) onOver(position);
  };
  const scrollAlong = () => {
    const box = scroller.getBoundingClientRect();
    const by = (at: number, from: number, to: number) =>
      at < from + EDGE_PX ? -SCROLL_PX : at > to - EDGE_PX ? SCROLL_PX : 0;
    const [x, y] = [by(last.x, box.left, box.right), by(last.y, box.top, box.bottom)];
    frame = 0;
    if (x === 0 && y === 0) return;
    scroller.scrollBy(x, y);
    look();
    frame = requestAnimationFrame(scrollAlong);
  };
  const onMove = (event: PointerEvent) => {
    last = { x: event.clientX, y: event.clientY };
    look();
    if (frame === 0) frame = requestAnimationFrame(scrollAlong);
  };
  const stop = () => {
    cancelAnimationFrame(frame);
    window.removeEventListener("pointermove", onMove);
    window.removeEventListener("pointerup", stop);
    window.removeEventListener("pointercancel", stop);
    onEnd?.();
  };
  window.addEventListener("pointermove", onMove);
  window.addEventListener("pointerup", stop);
  window.addEventListener("pointercancel", stop);
}
