/**
 * The sheet itself: a real table, of which only the rows in sight are in the page. Sorting and filtering are the
 * server's; the browser holds one page of records.
 */

import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useRef } from "react";
import { firstNumber } from "#api/records.ts";
import type { Collection, Field, StoredRecord } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { classNames } from "#lib/class-names.ts";
import type { ColumnPreferences } from "./column-preferences.ts";
import { RecordRow } from "./record-row.tsx";
import { SheetHead } from "./sheet-head.tsx";
import { usePlace } from "./use-place.ts";
import { useSheet } from "./use-sheet.tsx";

const ROW_HEIGHT_PX = 40;
const NUMBER_WIDTH_PX = 52;

type RecordTableProps = {
  collection: Collection;
  fields: Field[];
  columns: ColumnPreferences;
  records: StoredRecord[];
  /** The records that were asked for are on their way; these are the ones before. */
  isOutdated: boolean;
};

export function RecordTable({ collection, fields, columns, records, isOutdated }: RecordTableProps) {
  const place = usePlace();
  const scroller = useRef<HTMLDivElement>(null);
  useBackToTop(scroller, [place.filter, place.sort, place.page].join("\n"));
  const sheet = useSheet(fields, columns, records);
  const { rows } = sheet.getRowModel();
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
      aria-busy={isOutdated}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
    >
      <table
        aria-rowcount={rows.length + 1}
        className={classNames("table-fixed border-separate border-spacing-0 text-sm", isOutdated && "opacity-60")}
        style={{ width: NUMBER_WIDTH_PX + sheet.getTotalSize() }}
      >
        <colgroup>
          <col style={{ width: NUMBER_WIDTH_PX }} />
          {sheet.getVisibleLeafColumns().map((column) => (
            <col key={column.id} style={{ width: column.getSize() }} />
          ))}
        </colgroup>
        <SheetHead sheet={sheet} fields={fields} />
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
                    <sheet.FlexRender cell={cell} />
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

/** Another question to the server is answered from the top. Sideways the sheet stays: the clicked head is there. */
function useBackToTop(scroller: RefObject<HTMLElement | null>, question: string) {
  const answered = useRef(question);
  useEffect(() => {
    if (answered.current === question) return;
    answered.current = question;
    scroller.current?.scrollTo({ top: 0 });
  }, [scroller, question]);
}

/** Keeps the scroll bar honest about the rows that are not in the page. */
function Spacer({ height }: { height: number }) {
  return (
    <tr>
      <td style={{ height, padding: 0 }} />
    </tr>
  );
}
