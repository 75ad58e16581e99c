/**
 * One row of the sheet. The whole row can be clicked; for keyboards and screen readers the number in front is the
 * button that opens the record.
 */

import type { ReactNode } from "react";
import { classNames } from "#lib/class-names.ts";

type RecordRowProps = {
  name: string;
  /** Its place in the whole list, from 1. */
  number: number;
  /** Its place in the table, heads included: rows out of sight are not in the page and cannot be counted. */
  rowIndex: number;
  heightPx: number;
  isOpen: boolean;
  onOpen: () => void;
  children: ReactNode;
};

export function RecordRow({ name, number, rowIndex, heightPx, isOpen, onOpen, children }: RecordRowProps) {
  return (
    <tr
      aria-rowindex={rowIndex}
      onClick={onOpen}
      className={classNames("group cursor-pointer", isOpen ? "bg-moss-wash" : "bg-surface hover:bg-sunken")}
      style={{ height: heightPx }}
    >
      <td className="sticky left-0 z-[5] border-r border-b border-line bg-inherit p-0">
        <button
          type="button"
          aria-label={`Open record ${number}: ${name}`}
          className="flex h-10 w-full items-center justify-center text-xs text-ink-soft tabular-nums group-hover:text-moss-strong group-hover:underline focus-visible:-outline-offset-2"
        >
          {number}
        </button>
      </td>
      {children}
    </tr>
  );
}
