/**
 * The grid shows its cursor before somebody has clicked into it. Keys that move the cursor, undo, copy or paste work from
 * then on, as long as nothing else has the focus. Letters do not: they may be meant for something else.
 */

import { type RefObject, useEffect } from "react";

const MOVES = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown"]);
/** The browser copies and pastes where the focus is, after the key. */
const OF_THE_CLIPBOARD = new Set(["c", "x", "v"]);
const OF_THE_GRID = new Set(["z", "y", "a"]);

export function useKeysFromOutside(scroller: RefObject<HTMLElement | null>, cursor: RefObject<CellAddress>): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const element = scroller.current;
      if (event.target !== document.body || event.defaultPrevented || event.altKey || !element) return;
      // A dialog is open.
      if (element.closest("[inert], [aria-hidden=true]")) return;
      const isFar = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      const isForClipboard = isFar && OF_THE_CLIPBOARD.has(key);
      if (!isForClipboard && !MOVES.has(event.key) && !(isFar && OF_THE_GRID.has(key))) return;
      const { row, column } = cursor.current;
      const cell = element.querySelector<HTMLElement>(`[data-row="${row}"][data-column="${column}"]`);
      if (!cell) return;
      cell.focus({ preventScroll: true });
      if (isForClipboard) return;
      event.preventDefault();
      cell.dispatchEvent(new KeyboardEvent("keydown", event));
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [scroller, cursor]);
}

type CellAddress = { row: number; column: number };
