/** Below the columns: a sum, an average or a count of all records that the filter finds, chosen per column. */

import { useQuery } from "@tanstack/react-query";
import { Sigma } from "lucide-react";
import { useContext } from "react";
import { aggregatesQuery } from "#api/aggregates.ts";
import { usePendingDeletions } from "#api/pending-deletions.ts";
import type { Collection, Field } from "#api/types.ts";
import { EvenDecimals } from "#fields/number/even-decimals.ts";
import { classNames } from "#lib/class-names.ts";
import { formatDate, formatNumber } from "#lib/format.ts";
import { Menu, MenuChoices } from "#ui/menu.tsx";
import { words } from "#words/words.ts";
import type { Layout } from "./layout.ts";
import { FOOT_HEIGHT_PX, HEAD_PX, type PlacedColumn } from "./placed-columns.ts";

type Summary = "none" | "sum" | "avg" | "min" | "max" | "filled" | "empty" | "distinct";

/** Summaries in the unit of the values. The others are counts. */
const AMOUNTS: ReadonlySet<Summary> = new Set(["sum", "avg", "min", "max"]);
const ANY: readonly Summary[] = ["filled", "empty"];
const BY_TYPE: Record<string, readonly Summary[]> = {
  number: ["sum", "avg", "min", "max", ...ANY, "distinct"],
  bool: ["sum"],
  date: ["min", "max", ...ANY, "distinct"],
  autodate: ["min", "max", ...ANY, "distinct"],
  json: ANY,
  editor: ANY,
  geoPoint: ANY,
  file: ANY,
};

function summariesOf(field: Field): readonly Summary[] {
  return BY_TYPE[field.type] ?? [...ANY, "distinct"];
}

type GridFootProps = {
  collection: Collection;
  filter: string;
  layout: Layout;
  columns: readonly PlacedColumn[];
  total: number;
  rowIndex: number;
};

export function GridFoot({ collection, filter, layout, columns, total, rowIndex }: GridFootProps) {
  const { grid } = words();
  const chosen = layout.columns.flatMap(({ field }) => {
    const summary = summariesOf(field).find((name) => name === layout.summaries[field.name]);
    return summary ? [`${field.name}:${summary}`] : [];
  });
  // Asked also when nothing is chosen: a server that cannot sum offers nothing to choose.
  const wanted = chosen.length > 0 ? chosen : ["id:count"];
  const deleting = usePendingDeletions(collection.name);
  const { data: values } = useQuery(aggregatesQuery(collection.name, withoutRecords(filter, deleting), wanted));
  const canSum = values !== null;
  return (
    <div
      role="row"
      aria-rowindex={rowIndex}
      aria-label={grid.summaries}
      className="sticky bottom-0 z-20 flex border-t border-line bg-sunken text-xs text-ink-soft"
      style={{ height: FOOT_HEIGHT_PX }}
    >
      <div
        role="gridcell"
        aria-colindex={1}
        style={{ width: HEAD_PX }}
        title={grid.recordCount(total)}
        className="sticky left-0 z-[5] flex shrink-0 items-center bg-sunken pl-2.5 tabular-nums"
      >
        {/* The number of rows is part of the status line; here it is short. */}
        <span className="truncate">{formatNumber(total)}</span>
      </div>
      {canSum &&
        columns.map((column) => (
          <FootCell key={column.field.id} column={column} layout={layout} values={values ?? {}} />
        ))}
    </div>
  );
}

/** More would make a long address; the sums follow when the records are gone. */
const MAX_LEFT_OUT = 50;

/** The sums are those of the rows in sight, also while a deletion can be taken back. */
function withoutRecords(filter: string, ids: ReadonlySet<string>): string {
  if (ids.size === 0 || ids.size > MAX_LEFT_OUT) return filter;
  const others = [...ids].map((id) => `id != ${JSON.stringify(id)}`).join(" && ");
  return filter === "" ? others : `(${filter}) && ${others}`;
}

type FootCellProps = { column: PlacedColumn; layout: Layout; values: Record<string, string | number | null> };

function FootCell({ column, layout, values }: FootCellProps) {
  const { grid } = words();
  const { field, kind, widthPx, leftPx, isFrozen, index } = column;
  const summaries = summariesOf(field);
  const summary = summaries.find((name) => name === layout.summaries[field.name]) ?? "none";
  const value = values[`${field.name}:${summary}`];
  const evenDecimals = useContext(EvenDecimals);
  const shown = formatValue(field, value, AMOUNTS.has(summary) ? evenDecimals(field.name) : 0);
  const choices = (["none", ...summaries] as const).map((name) => ({ value: name, label: grid.summary[name] }));
  return (
    <div
      role="gridcell"
      aria-colindex={index + 2}
      style={{ width: widthPx, left: leftPx }}
      className={classNames("group/foot h-full shrink-0", isFrozen ? "sticky z-[4] bg-sunken" : "absolute")}
    >
      <Menu
        side="top"
        align={kind.isRightAligned ? "end" : "start"}
        trigger={
          <button
            type="button"
            aria-label={
              summary === "none"
                ? grid.summaryOf(field.name)
                : `${grid.summaryOf(field.name)}: ${grid.summary[summary]} ${shown}`
            }
            className={classNames(
              "flex size-full items-center gap-1.5 px-3 hover:bg-line/50 focus-visible:-outline-offset-2",
              kind.isRightAligned && "justify-end",
            )}
          >
            {summary === "none" ? (
              <Sigma
                className={classNames(
                  "size-3.5 group-hover/foot:opacity-80 group-focus-within/foot:opacity-80",
                  // Where people look for a sum, it can be seen that there is one to have.
                  field.type === "number" ? "opacity-60" : "opacity-0",
                )}
                aria-hidden
              />
            ) : (
              <>
                <span className="truncate">{grid.summary[summary]}</span>
                <span className="truncate font-medium text-ink tabular-nums">{shown}</span>
              </>
            )}
          </button>
        }
      >
        <MenuChoices
          label={field.name}
          value={summary}
          choices={choices}
          isOnlyChoice
          onChange={(name) => layout.change({ summaries: { ...layout.summaries, [field.name]: name } })}
        />
      </Menu>
    </div>
  );
}

function formatValue(field: Field, value: string | number | null | undefined, decimals: number): string {
  if (value === undefined) return "…";
  if (value === null) return "–";
  if (typeof value === "number") return formatNumber(Number(value.toPrecision(12)), decimals);
  return field.type === "date" || field.type === "autodate" ? formatDate(value) : value;
}
