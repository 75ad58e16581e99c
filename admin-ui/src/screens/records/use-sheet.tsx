/** The table model behind the sheet: its columns, which of them are visible, and how wide they are. */

import {
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useMemo } from "react";
import type { Field, StoredRecord } from "#api/types.ts";
import { kindOf } from "#fields/registry.ts";
import { classNames } from "#lib/class-names.ts";
import type { ColumnPreferences } from "./column-preferences.ts";

const features = tableFeatures({ columnVisibilityFeature, columnSizingFeature, columnResizingFeature });
const helper = createColumnHelper<typeof features, StoredRecord>();

export type Sheet = ReturnType<typeof useSheet>;

export function useSheet(fields: Field[], columns: ColumnPreferences, records: StoredRecord[]) {
  const definitions = useMemo(() => helper.columns(fields.map(defineColumn)), [fields]);
  return useTable({
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
