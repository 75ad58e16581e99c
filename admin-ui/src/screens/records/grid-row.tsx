/** One row of the grid. It draws itself again only when something in it has changed. */

import { ArrowUpDown, Maximize2 } from "lucide-react";
import { memo, type ReactNode, useCallback, useSyncExternalStore } from "react";
import type { Collection, StoredRecord } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { classNames } from "#lib/class-names.ts";
import { formatNumber } from "#lib/format.ts";
import { words } from "#words/words.ts";
import type { CellCalls } from "./cell-calls.ts";
import { GridCell } from "./grid-cell.tsx";
import { HEAD_PX, type PlacedColumn } from "./placed-columns.ts";
import type { RowEditor } from "./row-editor.ts";

type GridRowProps = {
  collection: Collection;
  editor: RowEditor;
  calls: CellCalls;
  index: number;
  rowKey: string;
  record: StoredRecord | null;
  /** It is not on its way: this is the place for a new row, or one that was added here. */
  isThere: boolean;
  isPlaceForNew: boolean;
  topPx: number;
  heightPx: number;
  columns: readonly PlacedColumn[];
  /** -1 is the head of the row, -2 none. */
  activeColumn: number;
  /** First and last selected column; -1 for none. */
  selectedFrom: number;
  selectedTo: number;
  isRowSelected: boolean;
  isOpen: boolean;
  isDeleting: boolean;
  isMisplaced: boolean;
  isNearBottom: boolean;
  isNearRight: boolean;
  /** The column whose editor is open, -1 for none, and the key that opened it. */
  typingColumn: number;
  typed: string | null;
  /** The corner to drag: in this row and column. -1 for none. */
  handleColumn: number;
};

export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { editor, rowKey, record, columns, index, heightPx, activeColumn, isThere } = props;
  const unsaved = useSyncExternalStore(
    useCallback((listener) => editor.unsaved.subscribe(rowKey, listener), [editor, rowKey]),
    () => editor.unsaved.row(rowKey),
  );
  const marks = useSyncExternalStore(
    useCallback((listener) => editor.marks.subscribe(record?.id ?? "", listener), [editor, record?.id]),
    () => editor.marks.of(record?.id ?? ""),
  );
  const blank = { id: "", collectionId: props.collection.id, collectionName: props.collection.name };
  const shown = isThere ? editor.links.withUnsaved(record ?? blank, unsaved?.values) : null;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={props.isRowSelected}
      aria-busy={isThere ? undefined : true}
      style={{ transform: `translateY(${props.topPx}px)`, height: heightPx }}
      className={classNames(
        "absolute top-0 left-0 flex w-full",
        // What hangs out of the active cell lies over the rows below.
        activeColumn > -2 && "z-10",
        props.isDeleting && "opacity-40",
        props.isOpen && "bg-moss-wash",
      )}
    >
      <RowHead {...props} shown={shown} hasProblem={unsaved !== undefined && Object.keys(unsaved.refused).length > 0} />
      {columns.map((column) => {
        const { field } = column;
        const isActive = column.index === activeColumn;
        if (!shown && !isActive)
          return <Placeholder key={field.id} column={column} heightPx={heightPx} index={index} />;
        return (
          <GridCell
            key={field.id}
            column={column}
            record={shown}
            value={shown?.[field.name]}
            row={index}
            rowKey={rowKey}
            calls={props.calls}
            heightPx={heightPx}
            isActive={isActive}
            isSelected={column.index >= props.selectedFrom && column.index <= props.selectedTo}
            isMarked={marks.has(field.name)}
            isUnsaved={unsaved !== undefined && field.name in unsaved.values}
            refusal={unsaved?.refused[field.name]}
            isNearBottom={props.isNearBottom}
            isNearRight={props.isNearRight}
            isTyping={column.index === props.typingColumn}
            typed={column.index === props.typingColumn ? props.typed : null}
            hasHandle={column.index === props.handleColumn}
          />
        );
      })}
    </div>
  );
});

type RowHeadProps = GridRowProps & { shown: StoredRecord | null; hasProblem: boolean };

function RowHead({
  collection,
  calls,
  index,
  record,
  shown,
  isPlaceForNew,
  activeColumn,
  isRowSelected,
  isMisplaced,
  hasProblem,
}: RowHeadProps) {
  const { grid } = words();
  const isActive = activeColumn === -1;
  const name = shown ? recordName(shown, collection.fields) : "";
  let content: ReactNode = formatNumber(index + 1);
  if (isPlaceForNew) content = <span className="text-lg leading-none">+</span>;
  return (
    <div
      role="rowheader"
      aria-colindex={1}
      aria-label={isPlaceForNew ? grid.newRow : undefined}
      data-row={index}
      data-column={-1}
      tabIndex={isActive ? 0 : -1}
      style={{ width: HEAD_PX }}
      className={classNames(
        "group/rowhead sticky left-0 z-[4] flex shrink-0 items-center justify-between border-r border-b border-line pr-1 pl-2.5 text-xs tabular-nums select-none focus-visible:-outline-offset-2",
        isRowSelected ? "bg-moss-wash text-moss-strong" : "bg-sunken text-ink-soft",
        hasProblem && "shadow-[inset_3px_0_0_var(--danger)]",
      )}
    >
      <span className="truncate">{content}</span>
      {isMisplaced && (
        <span role="img" aria-label={grid.belongsElsewhere} title={grid.belongsElsewhere} className="mr-6 text-straw">
          <ArrowUpDown className="size-3.5" aria-hidden />
        </span>
      )}
      {record && (
        <button
          type="button"
          tabIndex={-1}
          aria-label={grid.openRecordNamed(index + 1, name)}
          title={grid.openRecordHint}
          onClick={() => calls.onOpenRecord(record.id)}
          className="absolute right-1 flex size-6 items-center justify-center rounded-md bg-inherit text-ink-soft opacity-0 group-hover/rowhead:opacity-100 group-focus/rowhead:opacity-100 hover:bg-raised hover:text-moss-strong focus-visible:opacity-100 pointer-coarse:opacity-100 in-[[role=row]:hover]:opacity-100"
        >
          <Maximize2 className="size-3.5" aria-hidden />
        </button>
      )}
    </div>
  );
}

/** Stands where a value is on its way. Its length differs from row to row, as values do. */
function Placeholder({ column, heightPx, index }: { column: PlacedColumn; heightPx: number; index: number }) {
  const { leftPx, widthPx, isFrozen } = column;
  const share = 35 + ((index * 7 + column.index * 13) % 45);
  return (
    <div
      style={{ width: widthPx, height: heightPx, left: leftPx }}
      className={classNames(
        "flex shrink-0 items-center border-r border-b border-line px-3",
        isFrozen ? "sticky z-[3] bg-ground" : "absolute",
      )}
    >
      <span className="h-2 rounded-full bg-line" style={{ width: `${share}%` }} />
    </div>
  );
}
