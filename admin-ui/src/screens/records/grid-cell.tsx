/** One cell of the grid: its value, and around it what has happened to it. */

import { CircleAlert } from "lucide-react";
import { memo } from "react";
import type { StoredRecord } from "#api/types.ts";
import { editingOf } from "#fields/editing.ts";
import { classNames } from "#lib/class-names.ts";
import { Unread } from "#lib/grid/unsaved.ts";
import { words } from "#words/words.ts";
import type { CellCalls } from "./cell-calls.ts";
import { CellEditor } from "./cell-editor.tsx";
import type { PlacedColumn } from "./placed-columns.ts";

type GridCellProps = {
  column: PlacedColumn;
  record: StoredRecord | null;
  value: unknown;
  row: number;
  rowKey: string;
  calls: CellCalls;
  heightPx: number;
  isActive: boolean;
  isSelected: boolean;
  isMarked: boolean;
  isUnsaved: boolean;
  refusal: string | undefined;
  isNearBottom: boolean;
  isNearRight: boolean;
  isTyping: boolean;
  typed: string | null;
  hasHandle: boolean;
};

export const GridCell = memo(function GridCell(props: GridCellProps) {
  const { column, record, value, row, isActive, isSelected, refusal, isTyping } = props;
  const { field, kind, isFrozen, widthPx, leftPx } = column;
  const noteId = `refusal-${row}-${column.index}`;
  const isReadOnly = editingOf(field).mode === "none";
  return (
    <div
      role="gridcell"
      aria-colindex={column.index + 2}
      aria-selected={isSelected}
      aria-readonly={isReadOnly || undefined}
      aria-invalid={refusal ? true : undefined}
      aria-describedby={refusal && isActive ? noteId : undefined}
      data-row={row}
      data-column={column.index}
      tabIndex={isActive ? 0 : -1}
      style={{ width: widthPx, left: leftPx }}
      className={classNames(
        "h-full shrink-0 border-r border-b border-line text-sm outline-none select-none",
        isFrozen ? "sticky z-[3]" : "absolute",
        column.isLastFrozen && "border-r-line-strong/60",
        background(props),
        isActive && !isTyping && "z-[2] shadow-[inset_0_0_0_2px_var(--moss)]",
        isActive && isFrozen && "z-[4]",
        isTyping && "z-[5]",
      )}
    >
      <div className={classNames("flex h-full items-center px-3", kind.isRightAligned && "justify-end")}>
        <div className={textLook(props.heightPx)}>
          {record && <Value column={column} record={record} value={value} />}
        </div>
      </div>
      {refusal && <CircleAlert className="absolute top-1 right-1 size-3 text-danger" aria-label={refusal} />}
      {refusal && isActive && !isTyping && <Refusal id={noteId} why={refusal} {...props} />}
      {isTyping && record && (
        <CellEditor field={field} record={record} value={value} typed={props.typed} calls={props.calls} />
      )}
      {props.hasHandle && (
        <span
          data-handle
          aria-hidden
          title={words().grid.fillHandle}
          className="absolute -right-1 -bottom-1 z-[6] size-2.5 cursor-crosshair rounded-[2px] border border-surface bg-moss pointer-coarse:hidden"
        />
      )}
    </div>
  );
});

/** Frozen columns need a ground of their own, because the others pass below them. */
function background({ isSelected, isMarked, refusal, column }: GridCellProps): string {
  if (refusal) return "bg-danger-wash";
  if (isMarked) return "bg-straw-wash transition-colors duration-700";
  if (isSelected) return "bg-moss-wash";
  return column.isFrozen ? "bg-ground transition-colors duration-700" : "transition-colors duration-700";
}

function textLook(heightPx: number): string {
  if (heightPx < 44) return "min-w-0 truncate";
  return heightPx < 80
    ? "line-clamp-2 min-w-0 break-words whitespace-pre-line"
    : "line-clamp-4 min-w-0 break-words whitespace-pre-line";
}

function Value({ column, record, value }: { column: PlacedColumn; record: StoredRecord; value: unknown }) {
  if (value instanceof Unread) return <span className="text-danger">{value.text}</span>;
  // A row that is not saved yet has no values.
  if (value === undefined) return null;
  const { Cell } = column.kind;
  return <Cell field={column.field} value={value} record={record} />;
}

type RefusalProps = GridCellProps & { id: string; why: string };

/** Says why a value was not accepted. What was typed stays until it is mended or thrown away. */
function Refusal({ id, why, rowKey, column, calls, isNearBottom, isNearRight }: RefusalProps) {
  const { grid, common } = words();
  return (
    <div
      className={classNames(
        "absolute z-[7] flex w-max max-w-72 min-w-48 flex-col gap-1.5 rounded-lg border border-danger/40 bg-raised p-2.5 text-xs shadow-lg",
        isNearRight ? "right-0" : "left-0",
        isNearBottom ? "bottom-full mb-1" : "top-full mt-1",
      )}
      onPointerDown={(event) => event.stopPropagation()}
    >
      <p id={id} className="whitespace-normal text-danger">
        {why}
      </p>
      <div className="flex gap-3">
        <button
          type="button"
          tabIndex={-1}
          className="font-medium text-moss-strong underline"
          onClick={() => calls.onRetry(rowKey)}
        >
          {common.retry}
        </button>
        <button
          type="button"
          tabIndex={-1}
          className="font-medium text-moss-strong underline"
          onClick={() => calls.onDiscard(rowKey, column.field.name)}
        >
          {grid.discard}
        </button>
      </div>
    </div>
  );
}
