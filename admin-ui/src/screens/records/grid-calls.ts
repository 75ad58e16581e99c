/** What cells and heads call: always the same functions, so that they need not be drawn again. */

import { type RefObject, useMemo, useRef } from "react";
import { selectCell } from "#lib/grid/ranges.ts";
import type { CellCalls } from "./cell-calls.ts";
import type { HeadCalls } from "./grid-head.tsx";
import type { GridNow } from "./grid-now.ts";
import { writeText, writeValue } from "./grid-writes.ts";

export function useCellCalls(latest: RefObject<GridNow>): CellCalls {
  return useMemo(() => {
    const finish = (write: (now: GridNow, at: { row: number; column: number }) => void, then: string) => {
      const now = latest.current;
      const { typing } = now;
      if (!typing) return;
      write(now, typing);
      const by = { stay: [0, 0], up: [-1, 0], down: [1, 0], left: [0, -1], right: [0, 1] }[then] ?? [0, 0];
      if (then === "stay") now.type(null);
      else {
        const to = { row: Math.max(0, typing.row + (by[0] ?? 0)), column: Math.max(0, typing.column + (by[1] ?? 0)) };
        now.select(selectCell(to));
      }
    };
    return {
      onText: (text, then) => finish((now, at) => writeText(now, at, text), then),
      onValue: (value, then, known) => finish((now, at) => writeValue(now, at, value, known), then),
      onCancel: () => latest.current.type(null),
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
