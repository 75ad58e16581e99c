/** What cells and heads call: always the same functions, so that they need not be drawn again. */

import { type RefObject, useMemo, useRef } from "react";
import type { Then } from "#fields/field-editing.ts";
import { selectCell } from "#lib/grid/ranges.ts";
import type { CellCalls } from "./cell-calls.ts";
import type { HeadCalls } from "./grid-head.tsx";
import { type GridNow, type Typing, typedPlace } from "./grid-now.ts";
import { writeText, writeValue } from "./grid-writes.ts";
import type { Row } from "./use-rows.ts";

export function useCellCalls(latest: RefObject<GridNow>): CellCalls {
  return useMemo(() => {
    let finished: Typing | null = null;
    const finish = (then: Then, write?: (now: GridNow, row: Row | null, column: number) => void) => {
      const now = latest.current;
      const { typing } = now;
      // A click elsewhere may end it in several ways.
      if (!typing || typing === finished) return;
      finished = typing;
      const { column } = typing;
      const { index, row } = typedPlace(now, typing);
      write?.(now, row, column);
      const by = { stay: [0, 0], up: [-1, 0], down: [1, 0], left: [0, -1], right: [0, 1] }[then];
      const to = selectCell({ row: Math.max(0, index + (by[0] ?? 0)), column: Math.max(0, column + (by[1] ?? 0)) });
      if (then !== "stay") now.select(to);
      else {
        now.type(null);
        if (index !== typing.row) now.follow(to);
      }
    };
    return {
      onText: (text, then) => finish(then, (now, row, column) => writeText(now, row, column, text)),
      onValue: (value, then, known) => finish(then, (now, row, column) => writeValue(now, row, column, value, known)),
      onCancel: () => finish("stay"),
      onOpenRecord: (id) => {
        latest.current.type(null);
        latest.current.openRecord(id);
      },
      onRetry: (key) => latest.current.editor.unsaved.retry(key),
      onDiscard: (key, field) => latest.current.editor.discardCell(key, field),
    };
  }, [latest]);
}

/** The same object for the same columns, so that rows need not be drawn again. */
export function useStableList<T>(list: T[]): T[] {
  const kept = useRef(list);
  const isSame = kept.current.length === list.length && list.every((item, index) => item === kept.current[index]);
  if (!isSame) kept.current = list;
  return kept.current;
}

export function useStableCalls(calls: HeadCalls): HeadCalls {
  const latest = useRef(calls);
  latest.current = calls;
  const canAdd = calls.onAdd !== null;
  return useMemo(
    () => ({
      menuFor: (column) => latest.current.menuFor(column),
      onResizeStart: (event, column) => latest.current.onResizeStart(event, column),
      onFitWidth: (column) => latest.current.onFitWidth(column),
      onMoveStart: (event, column) => latest.current.onMoveStart(event, column),
      onSelectAll: () => latest.current.onSelectAll(),
      onAdd: canAdd ? () => latest.current.onAdd?.() : null,
    }),
    [canAdd],
  );
}
