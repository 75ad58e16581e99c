/** The head of a column: its name and type, clicking sorts, dragging its edge makes it wider. */

import { ArrowDown, ArrowUp } from "lucide-react";
import type { Field } from "#api/types.ts";
import { fieldTypeName, kindOf } from "#fields/registry.ts";
import { classNames } from "#lib/class-names.ts";
import { nextSort, parseSort, writeSort } from "#lib/sort-text.ts";

type HeaderCellProps = {
  field: Field;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  onResizeStart: (event: unknown) => void;
};

export function HeaderCell({ field, sort, onSort, onResizeStart }: HeaderCellProps) {
  const { icon: Icon, isRightAligned } = kindOf(field);
  const current = parseSort(sort);
  const isSorted = current?.field === field.name;
  const Arrow = current?.isDescending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={isSorted ? (current.isDescending ? "descending" : "ascending") : undefined}
      className="group/head sticky top-0 z-[6] border-r border-b border-line bg-sunken p-0 text-left font-medium"
    >
      <button
        type="button"
        title={`${fieldTypeName(field.type)}. Click to sort.`}
        onClick={() => onSort(writeSort(nextSort(current, field.name)))}
        className={classNames(
          "flex h-10 w-full items-center gap-2 px-3 hover:text-moss-strong focus-visible:-outline-offset-2",
          isRightAligned && "flex-row-reverse",
        )}
      >
        <Icon className="size-3.5 shrink-0 text-ink-soft" aria-hidden />
        <span className="truncate">{field.name}</span>
        {isSorted && <Arrow className="size-3.5 shrink-0 text-moss-strong" aria-hidden />}
      </button>
      <div
        aria-hidden="true"
        onMouseDown={onResizeStart}
        onTouchStart={onResizeStart}
        className="absolute inset-y-0 -right-1 z-[1] w-2 cursor-col-resize touch-none select-none group-hover/head:bg-line-strong/40"
      />
    </th>
  );
}
