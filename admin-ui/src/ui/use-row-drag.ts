/**
 * Moving the rows of a list by their handles, with a mouse, a pen or a finger. The list is in the new order while the
 * pointer moves, and scrolls when the pointer comes near its edge. A row carries its key as `data-drag-row`, and its
 * handle the class `touch-none`, without which a finger would scroll the page.
 */

import { type PointerEvent as ReactPointerEvent, useEffect, useRef, useState } from "react";

/** Less is a press with an unsteady hand. */
const DRAG_FROM_PX = 4;
const EDGE_PX = 48;
const SCROLL_PX = 8;

type RowDrag = {
  /** The key of the row that is being moved. */
  draggedKey: string | null;
  start: (event: ReactPointerEvent, key: string) => void;
};

/** `onOver` is called with the key of the row whose place the dragged one takes. */
export function useRowDrag(onOver: (dragged: string, target: string) => void): RowDrag {
  const [draggedKey, setDraggedKey] = useState<string | null>(null);
  const latest = useRef(onOver);
  latest.current = onOver;
  const stop = useRef(() => {});
  useEffect(() => () => stop.current(), []);

  const start = (event: ReactPointerEvent, key: string) => {
    if (event.button !== 0) return;
    const fromY = event.clientY;
    const scroller = scrollerOf(event.currentTarget);
    // Another list may have rows with the same keys.
    const list = event.currentTarget.closest("[data-drag-row]")?.parentElement;
    let y = fromY;
    let isDragging = false;
    let frame = 0;

    const look = () => {
      const target = list ? targetAt(list, y, key) : null;
      if (target !== null) latest.current(key, target);
    };
    const scroll = () => {
      const by = scroller ? edgePull(scroller, y) * SCROLL_PX : 0;
      if (by !== 0) {
        scroller?.scrollBy(0, by);
        look();
      }
      frame = requestAnimationFrame(scroll);
    };
    const onMove = (move: PointerEvent) => {
      y = move.clientY;
      if (!isDragging && Math.abs(y - fromY) < DRAG_FROM_PX) return;
      if (!isDragging) {
        isDragging = true;
        setDraggedKey(key);
        frame = requestAnimationFrame(scroll);
      }
      look();
    };
    const end = () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("pointermove", onMove);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
      setDraggedKey(null);
    };
    // The row changes its place in the page while it is dragged, so it cannot hold the pointer itself.
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
    stop.current = end;
  };
  return { draggedKey, start };
}

/** The row at a height, once the pointer is far enough in it that the dragged row will not lie under the pointer's back. */
function targetAt(list: Element, y: number, dragged: string): string | null {
  const keyed = [...list.children].flatMap((row) => {
    const key = row.getAttribute("data-drag-row");
    return key === null ? [] : [{ key, box: row.getBoundingClientRect() }];
  });
  const own = keyed.find(({ key }) => key === dragged)?.box;
  const target = keyed.find(({ key, box }) => key !== dragged && y >= box.top && y <= box.bottom);
  if (!own || !target) return null;
  const { box } = target;
  // After the change, the dragged row ends where the target ended, or begins where it began.
  const isInside = own.top < box.top ? y > box.bottom - own.height : y < box.top + own.height;
  return isInside ? target.key : null;
}

function scrollerOf(element: Element): Element | null {
  for (let parent = element.parentElement; parent; parent = parent.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(parent).overflowY) && parent.scrollHeight > parent.clientHeight)
      return parent;
  }
  return null;
}

/** -1 near the upper edge, 1 near the lower one. */
function edgePull(scroller: Element, y: number): number {
  const { top, bottom } = scroller.getBoundingClientRect();
  return y < top + EDGE_PX ? -1 : y > bottom - EDGE_PX ? 1 : 0;
}
