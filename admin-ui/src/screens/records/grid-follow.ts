/** Where the grid scrolls by itself: to the top for another question, and along with the row that has the cursor. */

import { type RefObject, useEffect, useRef } from "react";
import type { GridNow } from "./grid-now.ts";
import type { Question } from "./use-rows.ts";

/** Another question is answered from the top. Sideways the grid stays: the clicked head is there. */
export function useTopWhenAsked(scroller: RefObject<HTMLElement | null>, question: Question, onTop: () => void) {
  const answered = useRef(question);
  useEffect(() => {
    if (answered.current === question) return;
    answered.current = question;
    scroller.current?.scrollTo({ top: 0 });
    if (scroller.current?.contains(document.activeElement)) onTop();
  });
}

/** When others add or delete rows above, the cursor stays on its record, and the record where it is on the screen. */
export function useSameRecord(
  latest: RefObject<GridNow>,
  scroller: RefObject<HTMLElement | null>,
  rowPx: number,
  question: Question,
) {
  const last = useRef({ row: -1, key: "", question });
  useEffect(() => {
    const { rows, selection, select, typing } = latest.current;
    const { row } = selection.anchor;
    const key = rows.at(row)?.key ?? "";
    const before = last.current;
    last.current = { row, key, question };
    if (
      question !== before.question ||
      row !== before.row ||
      key === before.key ||
      before.key === "" ||
      key === "" ||
      typing
    )
      return;
    const found = rows.indexOf(before.key);
    const by = found - row;
    if (found < 0 || by === 0 || Math.abs(by) > MAX_SHIFT) return;
    last.current = { row: found, key: before.key, question };
    scroller.current?.scrollBy(0, by * rowPx);
    const moved = (position: { row: number; column: number }) => ({ ...position, row: position.row + by });
    if (scroller.current?.contains(document.activeElement)) {
      select({ ...selection, anchor: moved(selection.anchor), head: moved(selection.head) }, false);
    }
  });
}

/** A record that is further away than this was sorted elsewhere. */
const MAX_SHIFT = 50;
