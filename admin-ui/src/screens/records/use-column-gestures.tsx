/** Dragging the edges of columns to make them wider, and their heads to put them elsewhere. */

import { type PointerEvent as ReactPointerEvent, type RefObject, useState } from "react";
import { extendTo, selectCell } from "#lib/grid/ranges.ts";
import { type GridNow, textIn } from "./grid-now.ts";
import type { Layout } from "./layout.ts";
import type { PlacedColumn } from "./placed-columns.ts";

/** Less is a click with an unsteady hand. */
const DRAG_FROM_PX = 6;
const MEASURED_ROWS = 200;
const PADDING_PX = 34;

export function useColumnGestures(
  latest: RefObject<GridNow>,
  layout: Layout,
  placed: readonly PlacedColumn[],
  scroller: RefObject<HTMLElement | null>,
) {
  const [dropPx, setDropPx] = useState<number | null>(null);

  const onResizeStart = (event: ReactPointerEvent, column: PlacedColumn) => {
    event.preventDefault();
    event.stopPropagation();
    const from = event.clientX;
    follow(({ clientX }) => layout.resize(column.field, column.widthPx + clientX - from));
  };

  const onMoveStart = (event: ReactPointerEvent, column: PlacedColumn) => {
    const now = latest.current;
    const isInside = event.target instanceof Node && event.currentTarget.contains(event.target);
    // The menu of the column is drawn elsewhere, but its events come here.
    if (event.button !== 0 || event.pointerType === "touch" || !isInside) return;
    const position = { row: -1, column: column.index };
    const selection = event.shiftKey ? extendTo(now.selection, position) : selectCell(position);
    now.select({ ...selection, kind: "columns" }, false);
    const [from, box] = [event.clientX, scroller.current?.getBoundingClientRect()];
    let target: { beside: PlacedColumn; isBehind: boolean } | null = null;
    follow(
      ({ clientX, clientY }) => {
        if (Math.abs(clientX - from) < DRAG_FROM_PX && !target) return;
        const head = document.elementFromPoint(clientX, clientY)?.closest<HTMLElement>("[data-field]");
        const beside = placed.find(({ field }) => field.name === head?.dataset.field);
        if (!head || !beside || !box || !scroller.current) return;
        const { left, right } = head.getBoundingClientRect();
        const isBehind = clientX > (left + right) / 2;
        target = { beside, isBehind };
        setDropPx((isBehind ? right : left) - box.left + scroller.current.scrollLeft);
      },
      () => {
        setDropPx(null);
        if (target && target.beside.field !== column.field)
          layout.move(column.field, target.beside.field, target.isBehind);
      },
    );
  };

  const moveBy = (index: number, by: number) => {
    const [column, beside] = [placed[index], placed[index + by]];
    if (!column || !beside) return;
    layout.move(column.field, beside.field, by > 0);
    latest.current.select(selectCell({ row: -1, column: index + by }));
  };

  const resizeBy = (index: number, byPx: number) => {
    const column = placed[index];
    if (column) layout.resize(column.field, column.widthPx + byPx);
  };

  /** As wide as its longest value among the loaded ones near the sight. */
  const onFitWidth = ({ field, index }: PlacedColumn) => {
    const now = latest.current;
    const context = document.createElement("canvas").getContext("2d");
    const cell = scroller.current?.querySelector("[role=gridcell]");
    if (!context || !cell) return;
    context.font = getComputedStyle(cell).font;
    let widest = context.measureText(field.name).width + PADDING_PX;
    const first = Math.max(0, Number(cell.closest("[role=row]")?.getAttribute("aria-rowindex")) - 2);
    for (let row = first; row < first + MEASURED_ROWS; row++) {
      const text = textIn(now, now.rows.at(row), index).slice(0, 200);
      widest = Math.max(widest, context.measureText(text).width);
    }
    layout.resize(field, widest + PADDING_PX);
  };

  const dropLine =
    dropPx === null ? null : (
      <span
        aria-hidden
        className="absolute top-0 z-30 h-full w-0.5 -translate-x-1/2 bg-moss"
        style={{ left: dropPx }}
      />
    );
  return { onResizeStart, onMoveStart, onFitWidth, moveBy, resizeBy, dropLine };
}

function follow(onMove: (event: PointerEvent) => void, onEnd?: () => void): void {
  const stop = () => {
    window.removeEventListener("pointermove", onMove);
    window.removeEventListener("pointerup", stop);
    window.removeEventListener("pointercancel", stop);
    onEnd?.();
  };
  window.addEventListener("pointermove", onMove);
  window.addEventListener("pointerup", stop);
  window.addEventListener("pointercancel", stop);
}
