/** What a query gave: rows as a table, or how many were changed. */

import { Download } from "lucide-react";
import type { SqlResult } from "#api/server.ts";
import { toCsv } from "#lib/csv.ts";
import { saveAs } from "#lib/save-as.ts";
import { Button } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";
import { ScrollRegion } from "#ui/scroll-region.tsx";
import { words } from "#words/words.ts";

/** The server cuts results here. */
const MAX_ROWS = 1000;

export function Result({ result }: { result: SqlResult }) {
  const texts = words().server.sql;
  const { columns, rows, affectedRows, execTime } = result;
  const names = columns.map(({ name }) => name);
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p role="status" className="text-sm text-ink-soft">
          {columns.length === 0 ? texts.affected(affectedRows) : words().common.records(rows.length)} ·{" "}
          {texts.took(execTime.toLocaleString())}
        </p>
        {rows.length > 0 && (
          <Button icon={Download} onClick={() => saveAs("result.csv", "text/csv", toCsv([names, ...rows]))}>
            {texts.csv}
          </Button>
        )}
      </div>
      {rows.length >= MAX_ROWS && <Notice>{texts.cut}</Notice>}
      {columns.length > 0 && rows.length === 0 && <p className="text-ink-soft">{texts.noRows}</p>}
      {rows.length > 0 && (
        <ScrollRegion label={texts.rows} className="max-h-[60dvh] rounded-xl border border-line">
          <table className="w-full border-collapse bg-surface text-sm">
            <thead className="sticky top-0 bg-sunken">
              <tr>
                {columns.map(({ name, type }, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns of a query may have the same name
                  <th key={index} className="border-b border-line px-3 py-2 text-left font-medium whitespace-nowrap">
                    {name} <span className="font-normal text-ink-soft">{type.toLowerCase()}</span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows of a query have no identity
                <tr key={index} className="border-b border-line last:border-0">
                  {row.map((cell, column) => (
                    <td
                      // biome-ignore lint/suspicious/noArrayIndexKey: see above
                      key={column}
                      className="max-w-96 truncate px-3 py-1.5 font-mono text-[13px]"
                      title={cell ?? undefined}
                    >
                      {cell ?? <span className="text-ink-soft italic">{texts.null}</span>}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </div>
  );
}
