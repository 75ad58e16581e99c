/** Where the grid scrolls by itself: to the top for another question, and along with the row that has the cursor. */

import { type RefObject, useEffect, useRef } from "react";
import { finishOpenEditors } from "#fields/open-editors.ts";
import { movedBy, type Shift } from "#lib/grid/ranges.ts";
import type { GridNow } from "./grid-now.ts";
import type { Question, Rows } from "./use-rows.ts";

/**
 * Another question is answered from the top, and what stands in an open cell is kept. Sideways the grid stays: the
 * clicked head is there.
 */
export function useTopWhenAsked(scroller: RefObject<HTMLElement | null>, question: Question, onTop: () => void) {
  const answered = useRef(question);
  useEffect(() => {
    if (answered.current === question) return;
    answered.current = question;
    finishOpenEditors();
    scroller.current?.scrollTo({ top: 0 });
    if (scroller.current?.contains(document.activeElement)) onTop();
  });
}

/**
 * When others add or delete rows above, the selection stays on its records, and the record with the cursor where it is
 * on the screen.
 */
export function useSameRecord(
  latest: RefObject<GridNow>,
  scroller: RefObject<HTMLElement | null>,
  rowPx: number,
  question: Question,
) {
  const last = useRef<{ anchor: End; head: End; question: Question }>({ anchor: NOWHERE, head: NOWHERE, question });
  useEffect(() => {
    const { rows, size, editor, selection, follow, typing } = latest.current;
    const { anchor, head } = selection;
    const endAt = (row: number) => ({ row, key: row === rows.count ? null : (rows.at(row)?.key ?? "") });
    const before = last.current;
    last.current = { anchor: endAt(anchor.row), head: endAt(head.row), question };
    // Where rows have gone, the ends are no further down than the last one.
    const isThere = (row: number, end: End) => row === Math.min(end.row, size.lastRow);
    if (!isThere(anchor.row, before.anchor) || !isThere(head.row, before.head)) return;
    if (question !== before.question || typing) return;
    const stood = {
      ...selection,
      anchor: { ...anchor, row: before.anchor.row },
      head: { ...head, row: before.head.row },
    };
    const shiftOf = ({ row, key }: End) =>
      key === null ? shiftOfPlace(rows, row) : shiftOfRow(rows, row, editor.keyNow(key));
    const moved = movedBy(stood, shiftOf(before.anchor), shiftOf(before.head));
    const by = moved.anchor.row - stood.anchor.row;
    if (by === 0 && moved.head.row === stood.head.row) return;
    last.current = { anchor: endAt(moved.anchor.row), head: endAt(moved.head.row), question };
    scroller.current?.scrollBy(0, by * rowPx);
    follow(moved);
  });
}

/** One end of the selection, and the key of the row there: `null` for the place for a new one, "" while it is on its way. */
type End = { row: number; key: string | null };

const NOWHERE: End = { row: -1, key: "" };

/** A record that is further away than this was sorted elsewhere. */
const MAX_SHIFT = 50;

/** The row of somebody else that stands in the place for a new one now is not the one to type into. */
function shiftOfPlace(rows: Rows, row: number): Shift {
  return rows.at(row)?.isAdded === false ? rows.count - row : undefined;
}

function shiftOfRow(rows: Rows, row: number, key: string): Shift {
  const there = rows.at(row)?.key ?? "";
  if (key === "") return undefined;
  if (key === there) return 0;
  const found = rows.indexOf(key);
  if (found >= 0 && Math.abs(found - row) <= MAX_SHIFT) return found - row;
  return there === "" ? undefined : null;
}
