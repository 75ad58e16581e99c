/** The cursor and the selection of the grid, the focus that follows it, and the editor that is open. */

import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";
import { type GridSize, keepInside, type Selection, selectCell } from "#lib/grid/ranges.ts";
import { scrollTopFor } from "#lib/grid/view-window.ts";
import type { Typing } from "./grid-now.ts";
import { FOOT_HEIGHT_PX, frozenPx, HEAD_HEIGHT_PX, type PlacedColumn } from "./placed-columns.ts";

type SelectionTools = {
  scroller: RefObject<HTMLElement | null>;
  size: GridSize;
  placed: readonly PlacedColumn[];
  rowPx: number;
};

export function useSelection({ scroller, size, placed, rowPx }: SelectionTools) {
  const [wanted, setSelection] = useState<Selection>(() => selectCell({ row: 0, column: 0 }));
  const [typing, setTyping] = useState<Typing | null>(null);
  const focus = useRef<"none" | "cell" | "scrolled">("none");
  // Rows may have gone since.
  const selection = { ...wanted, anchor: keepInside(wanted.anchor, size), head: keepInside(wanted.head, size) };

  const select = useCallback((next: Selection, isScrolled = true) => {
    focus.current = isScrolled ? "scrolled" : "cell";
    setTyping(null);
    setSelection(next);
  }, []);
  const follow = useCallback(
    (next: Selection) => {
      if (scroller.current?.contains(document.activeElement)) focus.current = "cell";
      setSelection(next);
    },
    [scroller],
  );
  const type = useCallback((next: Typing | null) => {
    setTyping(next);
    // A click into another part of the page keeps the focus there.
    const at = document.activeElement;
    if (next === null && (at === document.body || at?.closest("[role=grid], [data-base-ui-portal], [role=dialog]"))) {
      focus.current = "cell";
    }
  }, []);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (focus.current === "none" || !element) return;
    if (focus.current === "scrolled") scrollIntoView(element, selection, size, placed, rowPx);
    focus.current = "none";
    if (typing) return;
    const { row, column } = selection.anchor;
    element.querySelector<HTMLElement>(`[data-row="${row}"][data-column="${column}"]`)?.focus({ preventScroll: true });
  });
  return { selection, select, follow, typing, type };
}

function scrollIntoView(
  element: HTMLElement,
  { head }: Selection,
  size: GridSize,
  placed: readonly PlacedColumn[],
  rowPx: number,
): void {
  if (head.row >= 0) {
    const viewPx = element.clientHeight - HEAD_HEIGHT_PX - FOOT_HEIGHT_PX;
    const view = { scrollTop: element.scrollTop, viewPx, rowPx, rows: size.lastRow + 1 };
    element.scrollTop = scrollTopFor(head.row, view);
  }
  const column = placed[head.column];
  if (!column || column.isFrozen) return;
  const left = column.leftPx - frozenPx(placed);
  const right = column.leftPx + column.widthPx - element.clientWidth;
  if (element.scrollLeft > left) element.scrollLeft = left;
  else if (element.scrollLeft < right) element.scrollLeft = right;
}
