/**
 * The sheet of a collection's records: it scrolls through any number of them, and is typed into like a spreadsheet.
 * Follows the grid pattern of ARIA: one cell has the focus and moves with the keys.
 */

import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Collection } from "#api/types.ts";
import { type GridSize, type Range, rangeOf, selectCell } from "#lib/grid/ranges.ts";
import { rowWindow } from "#lib/grid/view-window.ts";
import type { Sort } from "#lib/sort-text.ts";
import { words } from "#words/words.ts";
import { useCellCalls, useStableCalls, useStableList } from "./grid-calls.ts";
import { copy, paste } from "./grid-clipboard.ts";
import { useSameRecord, useTopWhenAsked } from "./grid-follow.ts";
import { GridFoot } from "./grid-foot.tsx";
import { GridHead, type HeadCalls } from "./grid-head.tsx";
import { onGridKey } from "./grid-keys.ts";
import { type GridNow, typedPlace } from "./grid-now.ts";
import { cellAt, onGridPointerDown } from "./grid-pointer.ts";
import { GridRow } from "./grid-row.tsx";
import { onDoubleTap, onTap } from "./grid-taps.ts";
import { type Layout, ROW_PX } from "./layout.ts";
import { drawnColumns, FOOT_HEIGHT_PX, HEAD_HEIGHT_PX, placeColumns, TAIL_PX, totalPx } from "./placed-columns.ts";
import type { RowEditor } from "./row-editor.ts";
import { SelectionBar } from "./selection-bar.tsx";
import { useColumnGestures } from "./use-column-gestures.tsx";
import { useGridView } from "./use-grid-view.ts";
import { useKeysFromOutside } from "./use-keys-from-outside.ts";
import { type Question, type Rows, usePagesInSight } from "./use-rows.ts";
import { useSelection } from "./use-selection.ts";

type GridProps = {
  collection: Collection;
  collections: readonly Collection[];
  layout: Layout;
  rows: Rows;
  question: Question;
  sorts: readonly Sort[];
  filtered: ReadonlySet<string>;
  editor: RowEditor;
  /** Ids of records that are on their way out. */
  deleting: ReadonlySet<string>;
  /** Ids of records that belong elsewhere by now. */
  misplaced: ReadonlySet<string>;
  isOutdated: boolean;
  canWrite: boolean;
  openId: string | undefined;
  onOpenRecord: (id: string) => void;
  columnMenu: HeadCalls["menuFor"];
  onAddColumn: (() => void) | null;
  /** Gives the grid of the moment to what stands around it. */
  onReady: (latest: () => GridNow) => void;
  onDeleteRows: (now: GridNow) => void;
};

export function Grid(props: GridProps) {
  const { collection, layout, rows, question, editor, canWrite } = props;
  const { grid } = words();
  const scroller = useRef<HTMLDivElement>(null);
  const { view, onScroll } = useGridView(scroller);
  const rowPx = ROW_PX[layout.rowHeight];
  const bodyPx = Math.max(rowPx, view.height - HEAD_HEIGHT_PX - FOOT_HEIGHT_PX);
  const lines = rows.count + (canWrite ? 1 : 0);
  const size: GridSize = {
    rows: rows.count,
    columns: layout.columns.length,
    lastRow: lines - 1,
    pageRows: Math.max(1, Math.floor(bodyPx / rowPx) - 1),
  };
  const placed = useMemo(
    () => placeColumns(layout.columns, layout.frozen, view.width),
    [layout.columns, layout.frozen, view.width],
  );
  const { selection, select, follow, typing, type } = useSelection({ scroller, size, placed, rowPx });
  const [said, say] = useState("");
  const [fillRange, showFill] = useState<Range | null>(null);
  const window = rowWindow({ scrollTop: view.scrollTop, viewPx: bodyPx, rowPx, rows: lines });
  const lastInSight = Math.min(window.last, rows.total - 1);
  usePagesInSight(
    collection,
    question,
    rows.placeOf(window.first),
    rows.placeOf(lastInSight),
    rows.placeOf(rows.total - 1) + 1,
  );

  const now: GridNow = {
    collection,
    collections: props.collections,
    columns: layout.columns,
    rows,
    size,
    editor,
    selection,
    typing,
    canWrite,
    select,
    follow,
    type,
    openRecord: props.onOpenRecord,
    say,
  };
  const latest = useRef(now);
  latest.current = now;
  const { onReady } = props;
  useEffect(() => onReady(() => latest.current), [onReady]);
  useEffect(() => {
    editor.isTyping = typing !== null;
  }, [editor, typing]);
  useEffect(
    () => () => {
      editor.isInUse = false;
    },
    [editor],
  );
  useTopWhenAsked(scroller, question, () => select(selectCell({ row: 0, column: 0 }), false));

  const range = rangeOf(selection, size);
  const isMany = range !== null && (range.top !== range.bottom || range.left !== range.right);
  const selected = isMany ? grid.selected(range.bottom - range.top + 1, range.right - range.left + 1) : "";
  useEffect(() => say(selected), [selected]);

  const cursor = useRef(selection.anchor);
  cursor.current = selection.anchor;
  useKeysFromOutside(scroller, cursor);
  useSameRecord(latest, scroller, rowPx, question);
  const calls = useCellCalls(latest);
  const gestures = useColumnGestures(latest, layout, placed, scroller);
  const head: HeadCalls = useStableCalls({
    menuFor: props.columnMenu,
    onResizeStart: gestures.onResizeStart,
    onFitWidth: gestures.onFitWidth,
    onMoveStart: gestures.onMoveStart,
    onSelectAll: () => select({ ...latest.current.selection, kind: "all" }, false),
    onAdd: props.onAddColumn,
  });
  const leaves = useRef(false);
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target instanceof Element ? event.target : null;
    if (typing || target?.closest("input, textarea") || !cellAt(target)) return;
    if (target?.closest("button") && (event.key === "Enter" || event.key === " ")) return;
    // Escape, then Tab: the way out for the keyboard.
    if (event.key === "Escape") leaves.current = true;
    else if (event.key !== "Tab" && event.key !== "Shift") leaves.current = false;
    if (event.key === "Tab" && leaves.current) return;
    const isDone = onGridKey(latest.current, event, {
      latest: () => latest.current,
      toLeftEnd: () => scroller.current?.scrollTo({ left: 0 }),
      undo: () => void editor.undo(),
      redo: () => void editor.redo(),
      deleteRows: () => props.onDeleteRows(latest.current),
      openColumnMenu: (column) => scroller.current?.querySelector<HTMLElement>(`[data-menu="${column}"]`)?.click(),
      moveColumn: gestures.moveBy,
      resizeColumn: gestures.resizeBy,
    });
    if (isDone) event.preventDefault();
  };
  const drawn = useStableList(drawnColumns(placed, view.scrollLeft, view.width, selection.anchor.column));
  const activeColumn = placed[selection.anchor.column];
  const isNearRight =
    activeColumn !== undefined &&
    activeColumn.leftPx + NOTE_PX > view.scrollLeft + view.width &&
    !activeColumn.isFrozen;
  const shownRange = fillRange ?? range;
  const base = Math.floor(window.first / BASE_ROWS) * BASE_ROWS;
  const indexes = rowsToDraw(window.first, window.last, typing?.row ?? selection.anchor.row);
  const tail = totalPx(placed);
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={scroller}
        role="grid"
        aria-label={grid.recordsOf(collection.name)}
        aria-describedby="grid-help"
        aria-rowcount={lines + 2}
        aria-colcount={layout.columns.length + 1}
        aria-multiselectable
        aria-readonly={!canWrite}
        aria-busy={props.isOutdated}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        onFocus={() => {
          editor.isInUse = true;
        }}
        onBlur={(event) => {
          editor.isInUse = event.currentTarget.contains(event.relatedTarget);
        }}
        onPointerDown={(event) => {
          const element = scroller.current;
          if (element) onGridPointerDown(event, { latest: () => latest.current, scroller: element, showFill });
        }}
        onClick={(event) => onTap(event, latest.current)}
        onDoubleClick={(event) => onDoubleTap(event, latest.current)}
        onCopy={(event) => !typing && copy(latest.current, event, false)}
        onCut={(event) => !typing && copy(latest.current, event, canWrite)}
        onPaste={(event) => !typing && paste(latest.current, event)}
        className="relative min-h-0 flex-1 overflow-auto overscroll-contain outline-none"
      >
        <div
          style={{ width: Math.max(tail + TAIL_PX, 1), minWidth: "100%" }}
          className={props.isOutdated ? "relative opacity-60 transition-opacity" : "relative"}
        >
          <GridHead
            columns={drawn}
            count={layout.columns.length}
            tailPx={tail}
            sorts={props.sorts}
            filtered={props.filtered}
            activeColumn={selection.anchor.row === -1 ? selection.anchor.column : -2}
            selectedFrom={selection.kind === "cells" ? -1 : (range?.left ?? -1)}
            selectedTo={selection.kind === "cells" ? -1 : (range?.right ?? -1)}
            calls={head}
          />
          <div role="rowgroup" className="relative" style={{ height: Math.max(window.heightPx, 1), minHeight: bodyPx }}>
            <div
              role="presentation"
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${window.offsetPx - (window.first - base) * rowPx}px)` }}
            >
              {indexes.map((index) => {
                // What is typed into stays where it is, whatever moves around it.
                const isTyped = typing?.row === index;
                const row = isTyped ? typedPlace(now, typing).row : rows.at(index);
                const isPlaceForNew = isTyped ? row === null : index === rows.count;
                const isSelected = shownRange !== null && index >= shownRange.top && index <= shownRange.bottom;
                const isCorner = isMany || selection.anchor.column >= 0;
                return (
                  <GridRow
                    key={index}
                    collection={collection}
                    editor={editor}
                    calls={calls}
                    index={index}
                    rowKey={row?.key ?? ""}
                    record={row?.record ?? null}
                    isThere={isPlaceForNew || row?.record != null || row?.isAdded === true}
                    isPlaceForNew={isPlaceForNew}
                    topPx={(index - base) * rowPx}
                    heightPx={rowPx}
                    columns={drawn}
                    activeColumn={index === selection.anchor.row ? selection.anchor.column : -2}
                    selectedFrom={isSelected && (isMany || fillRange) ? shownRange.left : -1}
                    selectedTo={isSelected && (isMany || fillRange) ? shownRange.right : -1}
                    isRowSelected={isSelected && (selection.kind === "rows" || selection.kind === "all")}
                    isOpen={row?.record != null && row.record.id === props.openId}
                    isMisplaced={props.misplaced.has(row?.record?.id ?? "")}
                    isDeleting={props.deleting.has(row?.record?.id ?? "")}
                    isNearBottom={index === selection.anchor.row && index * rowPx > view.scrollTop + bodyPx * 0.6}
                    isNearRight={index === selection.anchor.row && isNearRight}
                    typingColumn={isTyped ? typing.column : -1}
                    typed={isTyped ? typing.typed : null}
                    handleColumn={
                      canWrite && isCorner && !typing && range?.bottom === index && selection.kind === "cells"
                        ? range.right
                        : -1
                    }
                  />
                );
              })}
            </div>
          </div>
          <GridFoot
            collection={collection}
            filter={question.filter}
            layout={layout}
            columns={drawn}
            total={rows.count}
            rowIndex={lines + 2}
          />
        </div>
        {gestures.dropLine}
      </div>
      <p id="grid-help" className="sr-only">
        {canWrite ? grid.help : grid.helpReadOnly}
      </p>
      <p role="status" className="sr-only">
        {said}
      </p>
      {isMany && range && (
        <SelectionBar
          now={now}
          range={range}
          onDeleteRows={() => props.onDeleteRows(now)}
          onHideColumns={(fields) => {
            layout.hide(fields);
            now.select(selectCell({ row: 0, column: 0 }));
          }}
        />
      )}
    </div>
  );
}

/** So much room a note at a cell needs. */
const NOTE_PX = 300;

/** Positions are counted from every thousandth row: pixels of a very long page have no exact numbers. */
const BASE_ROWS = 1000;

/** The row with the cursor stays drawn, so that it keeps the focus, and the one that is typed into. */
function rowsToDraw(first: number, last: number, active: number): number[] {
  const indexes = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  if (active >= 0 && (active < first || active > last)) indexes.push(active);
  return indexes;
}
