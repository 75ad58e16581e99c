/** The heads of the columns: names, sort and filter marks, menus, and edges to drag. */

import { ArrowDown, ArrowUp, ChevronDown, ListFilter, Plus } from "lucide-react";
import { memo, type PointerEvent, type ReactNode } from "react";
import { fieldTypeName } from "#fields/registry.ts";
import { classNames } from "#lib/class-names.ts";
import type { Sort } from "#lib/sort-text.ts";
import { IconButton } from "#ui/button.tsx";
import { Menu } from "#ui/menu.tsx";
import { words } from "#words/words.ts";
import { HEAD_HEIGHT_PX, HEAD_PX, type PlacedColumn, TAIL_PX } from "./placed-columns.ts";
import { sortedField } from "./sort-path.ts";

export type HeadCalls = {
  menuFor: (column: PlacedColumn) => ReactNode;
  onResizeStart: (event: PointerEvent, column: PlacedColumn) => void;
  onFitWidth: (column: PlacedColumn) => void;
  onMoveStart: (event: PointerEvent, column: PlacedColumn) => void;
  onSelectAll: () => void;
  /** Absent where no column can be added. */
  onAdd: (() => void) | null;
};

type GridHeadProps = {
  columns: readonly PlacedColumn[];
  /** How many columns there are, drawn or not. */
  count: number;
  tailPx: number;
  sorts: readonly Sort[];
  filtered: ReadonlySet<string>;
  /** -2 for none. */
  activeColumn: number;
  selectedFrom: number;
  selectedTo: number;
  calls: HeadCalls;
};

export const GridHead = memo(function GridHead(props: GridHeadProps) {
  const { columns, activeColumn, calls, tailPx } = props;
  const { grid } = words();
  return (
    <div
      role="row"
      aria-rowindex={1}
      className="sticky top-0 z-20 flex bg-sunken text-sm"
      style={{ height: HEAD_HEIGHT_PX }}
    >
      <div
        role="columnheader"
        aria-colindex={1}
        data-row={-1}
        data-column={-1}
        tabIndex={activeColumn === -1 ? 0 : -1}
        style={{ width: HEAD_PX }}
        className="sticky left-0 z-[5] shrink-0 border-r border-b border-line bg-sunken focus-visible:-outline-offset-2"
        onPointerDown={(event) => {
          event.stopPropagation();
          calls.onSelectAll();
        }}
      >
        <span className="sr-only">{grid.rowHeads}</span>
      </div>
      {columns.map((column) => (
        <HeadCell key={column.field.id} column={column} {...props} isActive={column.index === activeColumn} />
      ))}
      {calls.onAdd && (
        <div
          role="columnheader"
          aria-colindex={props.count + 2}
          className="absolute top-0 flex h-full items-center border-b border-line bg-sunken"
          style={{ left: tailPx, width: TAIL_PX }}
        >
          <IconButton label={grid.addColumn} icon={Plus} className="mx-auto size-7!" onClick={calls.onAdd} />
        </div>
      )}
    </div>
  );
});

type HeadCellProps = GridHeadProps & { column: PlacedColumn; isActive: boolean };

function HeadCell({ column, isActive, sorts, filtered, selectedFrom, selectedTo, calls }: HeadCellProps) {
  const { field, kind, index, widthPx, leftPx, isFrozen } = column;
  const place = sorts.findIndex((sort) => sortedField(sort.field) === field.name);
  const sort = sorts[place];
  const isSelected = index >= selectedFrom && index <= selectedTo;
  const { icon: Icon } = kind;
  const Arrow = sort?.isDescending ? ArrowDown : ArrowUp;
  return (
    <div
      role="columnheader"
      aria-colindex={index + 2}
      aria-sort={sort ? (sort.isDescending ? "descending" : "ascending") : undefined}
      aria-label={field.name}
      data-row={-1}
      data-column={index}
      data-field={field.name}
      tabIndex={isActive ? 0 : -1}
      title={`${fieldTypeName(field.type)}${field.help ? `: ${field.help}` : ""}`}
      style={{ width: widthPx, left: leftPx }}
      onPointerDown={(event) => calls.onMoveStart(event, column)}
      onContextMenu={(event) => {
        event.preventDefault();
        event.currentTarget.querySelector<HTMLElement>("[data-menu]")?.click();
      }}
      className={classNames(
        "group/head flex h-full shrink-0 items-center gap-1.5 border-r border-b border-line pl-3 font-medium select-none focus-visible:-outline-offset-2",
        isFrozen ? "sticky z-[4]" : "absolute",
        column.isLastFrozen && "border-r-line-strong/60",
        isSelected ? "bg-moss-wash text-moss-strong" : "bg-sunken",
      )}
    >
      <Icon className="size-3.5 shrink-0 text-ink-soft" aria-hidden />
      <span className="min-w-0 flex-1 truncate">{field.name}</span>
      {filtered.has(field.name) && <ListFilter className="size-3.5 shrink-0 text-moss-strong" aria-hidden />}
      {sort && (
        <span className="flex shrink-0 items-center text-xs text-moss-strong">
          <Arrow className="size-3.5" aria-hidden />
          {sorts.length > 1 && place + 1}
        </span>
      )}
      <Menu
        align="start"
        trigger={
          <IconButton
            label={words().grid.columnMenu(field.name)}
            icon={ChevronDown}
            tabIndex={-1}
            data-menu={index}
            onPointerDown={(event) => event.stopPropagation()}
            className="mr-1.5 size-6! rounded-md! opacity-55 group-hover/head:opacity-100 group-focus/head:opacity-100 aria-expanded:opacity-100 [&>svg]:size-3.5!"
          />
        }
      >
        {calls.menuFor(column)}
      </Menu>
      <span
        aria-hidden
        onPointerDown={(event) => calls.onResizeStart(event, column)}
        onDoubleClick={() => calls.onFitWidth(column)}
        className="absolute inset-y-0 -right-1 z-[6] w-2 cursor-col-resize touch-none hover:bg-moss/50"
      />
    </div>
  );
}
