/** What can be done with several selected rows or cells, and what their numbers add up to. */

import { Copy, Download, Eraser, EyeOff, PencilLine, Trash2 } from "lucide-react";
import { useContext, useState } from "react";
import type { Field } from "#api/types.ts";
import { EvenDecimals } from "#fields/number/even-decimals.ts";
import { formatNumber } from "#lib/format.ts";
import type { Range } from "#lib/grid/ranges.ts";
import { saveAs } from "#lib/save-as.ts";
import { Button } from "#ui/button.tsx";
import { words } from "#words/words.ts";
import { BulkEdit } from "./bulk-edit.tsx";
import { type GridNow, valueAt } from "./grid-now.ts";
import { emptyCells, rowsOf } from "./grid-writes.ts";
import { asJson } from "./record-panel/as-json.ts";
import { selectedRecords } from "./selected-records.ts";
import type { Row } from "./use-rows.ts";

type SelectionBarProps = {
  now: GridNow;
  range: Range;
  onDeleteRows: () => void;
  onHideColumns: (fields: Field[]) => void;
};

/** More cells are not added up while somebody drags over them. */
const MAX_ADDED_UP = 3000;

export function SelectionBar({ now, range, onDeleteRows, onHideColumns }: SelectionBarProps) {
  const { grid, common } = words();
  const [changing, setChanging] = useState<readonly Row[] | null>(null);
  const rows = range.bottom - range.top + 1;
  const columns = range.right - range.left + 1;
  const { kind } = now.selection;
  const isColumns = kind === "columns";
  // Somebody who takes a column means its values, not the records.
  const isRows = kind === "rows" || kind === "all" || (kind === "cells" && rows > 1);
  const sum = sumOf(now, range);
  const evenDecimals = useContext(EvenDecimals);
  const startChanging = async () => setChanging(await rowsOf(now, { ...range, left: 0, right: 0 }));
  return (
    <div className="pointer-events-none absolute inset-x-0 bottom-11 z-30 flex justify-center px-3">
      <div
        role="toolbar"
        aria-label={grid.selection}
        className="pointer-events-auto flex max-w-full items-center gap-1 overflow-x-auto rounded-xl border border-line bg-raised py-1 pr-1 pl-3.5 text-sm shadow-lg"
      >
        <span className="shrink-0 tabular-nums">
          {columns === now.columns.length ? grid.rowCount(rows) : grid.selected(rows, columns)}
          {sum !== null && (
            <span className="text-ink-soft">
              {" "}
              · {grid.summary.sum} {formatNumber(Number(sum.value.toPrecision(12)), evenDecimals(sum.field))}
            </span>
          )}
        </span>
        <span className="mx-1.5 h-5 w-px shrink-0 bg-line" />
        <Button look="quiet" icon={Copy} className="h-8! px-2!" onClick={copySelection}>
          {common.copy}
        </Button>
        {isRows && (
          <Button look="quiet" icon={Download} className="h-8! px-2!" onClick={() => void downloadRecords(now)}>
            {grid.downloadJson}
          </Button>
        )}
        {now.canWrite && (
          <>
            <Button look="quiet" icon={PencilLine} className="h-8! px-2!" onClick={() => void startChanging()}>
              {grid.bulkEdit}
            </Button>
            <Button look="quiet" icon={Eraser} className="h-8! px-2!" onClick={() => void emptyCells(now)}>
              {grid.empty}
            </Button>
            {isRows && (
              <Button look="quiet" icon={Trash2} className="h-8! px-2! text-danger!" onClick={onDeleteRows}>
                {grid.deleteRows(rows)}
              </Button>
            )}
          </>
        )}
        {isColumns && columns < now.columns.length && (
          <Button
            look="quiet"
            icon={EyeOff}
            className="h-8! px-2!"
            onClick={() => onHideColumns(now.columns.slice(range.left, range.right + 1).map(({ field }) => field))}
          >
            {grid.hideColumns(columns)}
          </Button>
        )}
      </div>
      {changing && (
        <BulkEdit now={now} rows={changing} first={now.columns[range.left]?.field} onClose={() => setChanging(null)} />
      )}
    </div>
  );
}

function sumOf(now: GridNow, range: Range): { field: string; value: number } | null {
  const numbers = now.columns
    .map(({ field }, index) => ({ field, index }))
    .filter(({ field, index }) => field.type === "number" && index >= range.left && index <= range.right);
  // Numbers of several columns are of different things.
  const [only] = numbers;
  if (!only || numbers.length > 1 || range.bottom - range.top >= MAX_ADDED_UP) return null;
  let value = 0;
  for (let row = range.top; row <= range.bottom; row++) {
    // A sum over rows that are not loaded would be wrong.
    if (!now.rows.at(row)?.key) return null;
    value += Number(valueAt(now, { row, column: only.index })) || 0;
  }
  return { field: only.field.name, value };
}

/** Rows that were never saved are no records yet. */
async function downloadRecords(now: GridNow): Promise<void> {
  const selected = await selectedRecords(now);
  if (!selected || selected.records.length === 0) return;
  saveAs(`${now.collection.name}.json`, "application/json", `[${selected.records.map(asJson).join(",\n")}]\n`);
}

/** The browser copies from where the focus is. */
function copySelection(): void {
  document.querySelector<HTMLElement>("[role=grid] [tabindex='0']")?.focus({ preventScroll: true });
  document.execCommand("copy");
}
