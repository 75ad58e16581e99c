/**
 * The sheet itself: a real table, of which only the rows in sight are in the page. Sorting and filtering are the
 * server's; the browser holds one page of records.
 */

import {
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { firstNumber } from "#api/records.ts";
import type { Collection, Field, StoredRecord } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { kindOf } from "#fields/registry.ts";
import { classNames } from "#lib/class-names.ts";
import type { ColumnPreferences } from "./column-preferences.ts";
import { HeaderCell } from "./header-cell.tsx";
import { RecordRow } from "./record-row.tsx";
import { usePlace } from "./use-place.ts";

const ROW_HEIGHT_PX = 40;
const NUMBER_WIDTH_PX = 52;

const features = tableFeatures({ columnVisibilityFeature, columnSizingFeature, columnResizingFeature });
const helper = createColumnHelper<typeof features, StoredRecord>();

type RecordTableProps = {
  collection: Collection;
  fields: Field[];
  columns: ColumnPreferences;
  records: StoredRecord[];
};

export function RecordTable({ collection, fields, columns, records }: RecordTableProps) {
  const place = usePlace();
  const scroller = useRef<HTMLDivElement>(null);
  const byName = useMemo(() => new Map(fields.map((field) => [field.name, field])), [fields]);
  const definitions = useMemo(() => helper.columns(fields.map(defineColumn)), [fields]);
  const table = useTable({
    features,
    columns: definitions,
    data: records,
    getRowId: (record) => record.id,
    columnResizeMode: "onChange",
    state: { columnVisibility: columns.isVisible, columnSizing: columns.widthPx },
    onColumnSizingChange: (change) => {
      columns.setWidth(typeof change === "function" ? change(columns.widthPx) : change);
    },
  });
  const { rows } = table.getRowModel();
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 12,
  });
  const inSight = virtualizer.getVirtualItems();
  const above = inSight[0]?.start ?? 0;
  const below = virtualizer.getTotalSize() - (inSight.at(-1)?.end ?? 0);

  return (
    <section
      ref={scroller}
      aria-label="Records"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
    >
      <table
        aria-rowcount={rows.length + 1}
        className="table-fixed border-separate border-spacing-0 text-sm"
        style={{ width: NUMBER_WIDTH_PX + table.getTotalSize() }}
      >
        <colgroup>
          <col style={{ width: NUMBER_WIDTH_PX }} />
          {table.getVisibleLeafColumns().map((column) => (
            <col key={column.id} style={{ width: column.getSize() }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" className="sticky top-0 left-0 z-10 border-r border-b border-line bg-sunken">
              <span className="sr-only">Open</span>
            </th>
            {table.getHeaderGroups()[0]?.headers.map((header) => {
              const field = byName.get(header.column.id);
              return (
                field && (
                  <HeaderCell
                    key={header.id}
                    field={field}
                    sort={place.sort}
                    onSort={(sort) => place.go({ sort, page: undefined })}
                    onResizeStart={header.getResizeHandler()}
                  />
                )
              );
            })}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <Spacer height={above} />}
          {inSight.map(({ index }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              <RecordRow
                key={row.id}
                name={recordName(row.original, collection.fields)}
                number={firstNumber(place.page ?? 1) + index}
                rowIndex={index + 2}
                heightPx={ROW_HEIGHT_PX}
                isOpen={row.id === place.record}
                onOpen={() => place.go({ record: row.id })}
              >
                {row.getVisibleCells().map((cell) => (
                  <td key={cell.id} className="truncate border-r border-b border-line px-3 py-0">
                    <table.FlexRender cell={cell} />
                  </td>
                ))}
              </RecordRow>
            );
          })}
          {below > 0 && <Spacer height={below} />}
        </tbody>
      </table>
    </section>
  );
}

function defineColumn(field: Field) {
  const { Cell, widthPx, isRightAligned } = kindOf(field);
  return helper.accessor((record) => record[field.name], {
    id: field.name,
    size: widthPx,
    minSize: 60,
    cell: ({ getValue, row }) => (
      <div className={classNames("truncate", isRightAligned && "text-right")}>
        <Cell field={field} value={getValue()} record={row.original} />
      </div>
    ),
  });
}

/** Keeps the scroll bar honest about the rows that are not in the page. */
function Spacer({ height }: { height: number }) {
  return (
    <tr>
      <td style={{ height, padding: 0 }} />
    </tr>
  );
}
