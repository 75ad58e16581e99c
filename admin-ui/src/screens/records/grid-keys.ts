/** What keys do in the grid while no editor is open. */

import type { KeyboardEvent } from "react";
import { flushSync } from "react-dom";
import { editingOf } from "#fields/editing.ts";
import { extendTo, move, selectCell, step } from "#lib/grid/ranges.ts";
import { jump } from "./grid-jump.ts";
import { canType, type GridNow, selectedRange, valueAt } from "./grid-now.ts";
import { emptyCells, fillDown, repeatActive, writeValue } from "./grid-writes.ts";

type KeyTarget = {
  latest: () => GridNow;
  /** Frozen columns are in sight anyway; the ones beside them are not. */
  toLeftEnd: () => void;
  undo: () => void;
  redo: () => void;
  deleteRows: () => void;
  openColumnMenu: (column: number) => void;
  moveColumn: (column: number, by: number) => void;
  resizeColumn: (column: number, byPx: number) => void;
};

const RESIZE_PX = 20;

/** Returns whether the key meant something. */
export function onGridKey(now: GridNow, event: KeyboardEvent, target: KeyTarget): boolean {
  if (event.nativeEvent.isComposing && event.key !== "Process") return false;
  const isFar = event.ctrlKey || event.metaKey;
  if (isFar && onCommand(now, event, target)) return true;
  if (now.selection.anchor.row === -1 && onHeadKey(now, event, target)) return true;
  if (event.key === " " && event.shiftKey) {
    now.select({ ...now.selection, kind: isFar ? "all" : "rows" });
    return true;
  }
  if (event.key === " " && isFar) {
    now.select({ ...now.selection, kind: "columns" });
    return true;
  }
  return onMove(now, event, isFar, target) || onEdit(now, event, target);
}

function onCommand(now: GridNow, event: KeyboardEvent, target: KeyTarget): boolean {
  switch (event.key.toLowerCase()) {
    case "z":
      if (event.shiftKey) target.redo();
      else target.undo();
      return true;
    case "y":
      target.redo();
      return true;
    case "a":
      now.select({ ...now.selection, kind: "all" }, false);
      return true;
    case "d":
      void fillDown(now);
      return true;
    case "enter":
      void repeatActive(now);
      return true;
    default:
      return false;
  }
}

function onHeadKey(now: GridNow, event: KeyboardEvent, target: KeyTarget): boolean {
  const { column } = now.selection.anchor;
  const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
  if (by !== 0 && (event.ctrlKey || event.metaKey) && event.shiftKey) {
    target.moveColumn(column, by);
    return true;
  }
  if (by !== 0 && event.altKey) {
    target.resizeColumn(column, by * RESIZE_PX);
    return true;
  }
  if ((event.key === "Enter" || event.key === " " || event.key === "F2") && column >= 0) {
    target.openColumnMenu(column);
    return true;
  }
  return false;
}

function onMove(now: GridNow, event: KeyboardEvent, isFar: boolean, target: KeyTarget): boolean {
  const { selection, size } = now;
  if (event.altKey) return false;
  if (isFar && jump(target.latest, event.key, event.shiftKey)) return true;
  const from = event.shiftKey ? selection.head : selection.anchor;
  const to = move(from, event.key, isFar, size);
  if (!to) return false;
  if (event.key === "Home") target.toLeftEnd();
  if (event.shiftKey && selection.anchor.row >= 0) now.select(extendTo(selection, { ...to, row: Math.max(0, to.row) }));
  else now.select(selectCell(to));
  return true;
}

function onEdit(now: GridNow, event: KeyboardEvent, target: KeyTarget): boolean {
  const { selection, size } = now;
  const { anchor } = selection;
  const field = now.columns[anchor.column]?.field;
  const range = selectedRange(now);
  switch (event.key) {
    case "Tab":
    case "Enter": {
      if (event.key === "Enter" && !event.shiftKey && openCell(now)) return true;
      const direction = event.key === "Tab" ? "column" : "row";
      const to = step(anchor, direction, event.shiftKey, range, size);
      if (!to) return false;
      const isInside = range && selection.kind === "cells" && range.top + range.left !== range.bottom + range.right;
      now.select(isInside && range ? { ...selection, anchor: to, head: opposite(range, to) } : selectCell(to));
      return true;
    }
    case "F2":
      return openCell(now);
    case "Delete":
    case "Backspace":
      if (selection.kind === "rows") target.deleteRows();
      else void emptyCells(now);
      return now.canWrite;
    case " ":
      return onSpace(now);
    default:
      return canType(now, field) && startTyping(now, event);
  }
}

/** The corner that keeps the range as it is, as far as one corner can. */
function opposite(
  range: { top: number; left: number; bottom: number; right: number },
  to: { row: number; column: number },
) {
  return {
    row: to.row === range.top ? range.bottom : range.top,
    column: to.column === range.left ? range.right : range.left,
  };
}

/** Opens the editor, or the record where there is none. */
export function openCell(now: GridNow): boolean {
  const { row, column } = now.selection.anchor;
  const field = now.columns[column]?.field;
  const id = now.rows.at(row)?.record?.id;
  if (canType(now, field)) {
    if (editingOf(field).mode === "toggle") toggle(now);
    else now.type({ row, column, of: now.rows.at(row), typed: null });
    return true;
  }
  if (id) now.openRecord(id);
  return id !== undefined;
}

function onSpace(now: GridNow): boolean {
  const { row, column } = now.selection.anchor;
  const field = now.columns[column]?.field;
  if (canType(now, field) && editingOf(field).mode === "toggle") {
    toggle(now);
    return true;
  }
  const id = now.rows.at(row)?.record?.id;
  if (id) now.openRecord(id);
  return true;
}

function toggle(now: GridNow): void {
  const { anchor } = now.selection;
  writeValue(now, now.rows.at(anchor.row), anchor.column, valueAt(now, anchor) !== true);
}

/** The first key of a word opens the editor and stands in it. An input method needs the editor before it begins. */
function startTyping(now: GridNow, event: KeyboardEvent): boolean {
  const isMethod = event.key === "Process" || event.key === "Dead" || event.key === "Unidentified";
  if (event.ctrlKey || event.metaKey || (event.altKey && event.key.length !== 1)) return false;
  if (!isMethod && [...event.key].length !== 1) return false;
  const { row, column } = now.selection.anchor;
  const field = now.columns[column]?.field;
  if (row < 0 || (field && editingOf(field).mode === "toggle")) return false;
  flushSync(() => now.type({ row, column, of: now.rows.at(row), typed: isMethod ? "" : event.key }));
  return !isMethod;
}
