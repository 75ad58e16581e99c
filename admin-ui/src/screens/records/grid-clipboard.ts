/**
 * Copy, cut and paste. The clipboard gets text that spreadsheets understand, and beside it the values themselves, so
 * that nothing is lost between two grids.
 */

import type { ClipboardEvent } from "react";
import { findByName } from "#api/lookup.ts";
import type { Field, StoredRecord } from "#api/types.ts";
import { readText } from "#fields/editing.ts";
import { namingFields } from "#fields/record-name.ts";
import { asList } from "#fields/values.ts";
import { breather, pause } from "#lib/breathe.ts";
import { parseTsv, pastedSize, squared, writeTsv } from "#lib/grid/clipboard.ts";
import type { Range } from "#lib/grid/ranges.ts";
import type { Values } from "#lib/grid/unsaved.ts";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { canType, type GridNow, rowsBetween, selectedRange, textIn, valueIn } from "./grid-now.ts";
import { changeIn, emptyCells, learnFrom, MAX_CELLS, rowsOf } from "./grid-writes.ts";
import type { CellChange, Step } from "./row-steps.ts";
import type { Row } from "./use-rows.ts";

const VALUES_TYPE = "application/x-steading-cells";

/** A cell as it travels between grids: its text, and its value if the other column is of the same type. */
type Carried = { text: string; type?: string; value?: unknown };

export function copy(now: GridNow, event: ClipboardEvent, isCut: boolean): void {
  const range = selectedRange(now);
  if (!range) return;
  event.preventDefault();
  if (isLoaded(now, range)) {
    const cells = cellsOf(now, rowsBetween(now, range.top, range.bottom), range);
    event.clipboardData.setData("text/plain", writeTsv(cells.map((row) => row.map(({ text }) => text))));
    event.clipboardData.setData(VALUES_TYPE, JSON.stringify(cells));
    now.say(words().grid.copied(cells.length * (cells[0]?.length ?? 0)));
    if (isCut) void emptyCells(now);
    return;
  }
  void copyLater(now, range, isCut);
}

function isLoaded(now: GridNow, range: Range): boolean {
  for (let row = range.top; row <= range.bottom; row++) if (!now.rows.at(row)?.key) return false;
  return true;
}

function cellsOf(now: GridNow, rows: readonly (Row | null)[], { left, right }: Range): Carried[][] {
  return rows.map((row) => {
    const cells: Carried[] = [];
    for (let column = left; column <= right; column++) {
      const type = carriedType(now.columns[column]?.field);
      learnFrom(now, row, column);
      cells.push({ text: textIn(now, row, column), type, value: valueIn(now, row, column) });
    }
    return cells;
  });
}

/** Ids mean something in one collection only. */
function carriedType(field: Field | undefined): string | undefined {
  return field?.type === "relation" ? `relation ${field.collectionId}` : field?.type;
}

/** Rows that are not loaded yet are fetched first. The clipboard may not be written to later everywhere. */
async function copyLater(now: GridNow, range: Range, isCut: boolean): Promise<void> {
  const { grid } = words();
  const rows = await rowsOf(now, range);
  if (!rows) return;
  const text = writeTsv(cellsOf(now, rows, range).map((row) => row.map((cell) => cell.text)));
  try {
    await navigator.clipboard.writeText(text);
    toastDone(grid.copiedRows(range.bottom - range.top + 1));
    if (isCut) await emptyCells(now);
  } catch {
    toastDone(grid.copyAgain);
  }
}

export function paste(now: GridNow, event: ClipboardEvent): void {
  event.preventDefault();
  if (!now.canWrite) return;
  const text = event.clipboardData.getData("text/plain");
  const block = carriedBlock(event.clipboardData.getData(VALUES_TYPE), text);
  if (block.length > 0) void pasteBlock(now, block);
}

function carriedBlock(values: string, text: string): Carried[][] {
  const cells = parseTsv(text).map((row) => row.map((cell): Carried => ({ text: cell })));
  const plain = text === "" ? [] : squared(cells, { text: "" });
  try {
    const carried = JSON.parse(values) as Carried[][]; // only this file writes this type
    // Somebody may have copied something else since, in a program that leaves our part of the clipboard alone.
    const isSameText = writeTsv(carried.map((row) => row.map((cell) => cell.text))) === text.replace(/\r?\n/g, "\r\n");
    return isSameText ? carried : plain;
  } catch {
    return plain;
  }
}

type Pasted = {
  /** Those that the first lines of the block go into. */
  rows: readonly Row[];
  changes: CellChange[];
  /** Those that the other lines begin. */
  newRows: Values[];
  /** By line. */
  held: Map<number, Record<string, { text: string; why: string }>>;
  written: number;
  skipped: number;
  unread: number;
};

async function pasteBlock(now: GridNow, block: Carried[][]): Promise<void> {
  const { grid } = words();
  const range = selectedRange(now);
  const { anchor } = now.selection;
  const [top, left] = [range?.top ?? anchor.row, Math.max(0, range?.left ?? anchor.column)];
  const blockSize = { rows: block.length, columns: block[0]?.length ?? 0 };
  const selected = range ? { rows: range.bottom - range.top + 1, columns: range.right - range.left + 1 } : blockSize;
  const size = pastedSize(blockSize, selected);
  if (top < 0 || blockSize.columns === 0) return;
  if (size.rows * size.columns > MAX_CELLS) {
    toastProblem(grid.tooManyCells(MAX_CELLS));
    return;
  }
  const right = Math.min(now.columns.length, left + size.columns) - 1;
  const bottom = top + size.rows - 1;
  const rows = await rowsOf(now, { top, left, bottom: Math.min(bottom, now.rows.count - 1), right });
  if (!rows) return;
  const found = await lookUpNames(now, block, left);
  const pasted: Pasted = { rows, changes: [], newRows: [], held: new Map(), written: 0, skipped: 0, unread: 0 };
  const breathe = breather();
  for (let line = 0; line < size.rows; line++) {
    await breathe();
    for (let column = left; column <= right; column++) {
      const cell = block[line % blockSize.rows]?.[(column - left) % blockSize.columns];
      const field = now.columns[column]?.field;
      if (cell && field) pasteCell(now, pasted, { line, column }, field, cell, found);
    }
  }
  const cutColumns = left + size.columns - 1 - right;
  await pause();
  finish(now, pasted, cutColumns);
  // What is in sight stays, however far the block reaches.
  now.select({ anchor: { row: top, column: left }, head: { row: bottom, column: right }, kind: "cells" }, false);
}

function pasteCell(
  now: GridNow,
  pasted: Pasted,
  { line, column }: { line: number; column: number },
  field: Field,
  cell: Carried,
  found: Found,
): void {
  const row = pasted.rows[line];
  const newIndex = line - pasted.rows.length;
  if (!row) pasted.newRows[newIndex] ??= {};
  if (!canType(now, field)) {
    // A column that nobody can write into is passed over when a whole table comes back.
    if (cell.text !== "" && row && cell.text !== textIn(now, row, column)) pasted.skipped += 1;
    return;
  }
  const read = readCell(cell, field, found);
  if ("why" in read) {
    pasted.unread += 1;
    pasted.held.set(line, { ...pasted.held.get(line), [field.name]: { text: cell.text, why: read.why } });
    return;
  }
  pasted.written += 1;
  const added = pasted.newRows[newIndex];
  if (added) added[field.name] = read.value;
  const change = row ? changeIn(now, row, column, read.value) : null;
  if (change) pasted.changes.push(change);
}

type Found = Map<string, Map<string, StoredRecord>>;

function readCell(cell: Carried, field: Field, found: Found): { value: unknown } | { why: string } {
  const { grid } = words();
  if (cell.type === carriedType(field) && cell.value !== undefined && field.type !== "select") {
    return { value: field.type === "relation" ? linksOf(asList(cell.value), field) : cell.value };
  }
  const reading = readText(cell.text, field);
  if (reading.status === "read") return { value: reading.value };
  if (reading.status === "unreadable") return { why: grid.unreadable[reading.why] };
  const records = reading.names.map((name) => found.get(field.name)?.get(name));
  if (records.some((record) => record === undefined)) return { why: grid.unreadable.name };
  return {
    value: linksOf(
      records.flatMap((record) => (record ? [record.id] : [])),
      field,
    ),
  };
}

function linksOf(ids: string[], { maxSelect }: Field): string | string[] {
  return (maxSelect ?? 1) > 1 ? ids : (ids[0] ?? "");
}

/** Links come as names from spreadsheets: all of a column are looked up together. */
async function lookUpNames(now: GridNow, block: Carried[][], left: number): Promise<Found> {
  const found: Found = new Map();
  const width = block[0]?.length ?? 0;
  for (let column = left; column < now.columns.length; column++) {
    const field = now.columns[column]?.field;
    if (field?.type !== "relation" || (column - left >= width && width > 1)) continue;
    const target = now.collections.find(({ id }) => id === field.collectionId);
    const names = block.flatMap((row) => {
      const reading = readText(row[(column - left) % width]?.text ?? "", field);
      return reading.status === "names" ? reading.names : [];
    });
    if (!target || names.length === 0) continue;
    const records = await findByName(target, namingFields(target.fields), names).catch(() => new Map());
    now.editor.links.learn([...records.values()]);
    found.set(field.name, records);
  }
  return found;
}

function finish(now: GridNow, pasted: Pasted, cutColumns: number): void {
  const { grid } = words();
  const steps: Step[] = [];
  const added = now.editor.newRows(pasted.newRows);
  if (added.length > 0) steps.push({ kind: "added", rows: added });
  if (pasted.changes.length > 0) steps.push({ kind: "cells", changes: pasted.changes });
  const held = [...pasted.held].flatMap(([line, texts]) => {
    const key = (pasted.rows[line] ?? added[line - pasted.rows.length])?.key;
    return key ? [{ key, texts, isNew: false }] : [];
  });
  if (held.length > 0) steps.push({ kind: "held", rows: held });
  const step = now.editor.perform(steps);
  const parts = [
    grid.pasted(pasted.written),
    added.length > 0 ? grid.rowsAdded(added.length) : "",
    pasted.skipped > 0 ? grid.cellsSkipped(pasted.skipped) : "",
    cutColumns > 0 ? grid.columnsCut(cutColumns) : "",
    pasted.unread > 0 ? grid.cellsUnread(pasted.unread) : "",
    added.length > 0 && now.collection.type === "auth" ? grid.passwordsMade : "",
  ];
  const isLoud = pasted.unread + pasted.skipped + cutColumns > 0 || added.length > 0 || pasted.written > 50;
  const message = parts.filter((part) => part !== "").join(" ");
  if (isLoud) toastDone(message, steps.length > 0 ? () => void now.editor.takeBack(step) : undefined);
  else now.say(message);
}
