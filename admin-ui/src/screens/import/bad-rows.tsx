/** The rows that could not be taken, with the cell and what is wrong with it, and as a file to mend them in. */

import { Download } from "lucide-react";
import type { ImportResult } from "#api/imports.ts";
import { toCsv } from "#lib/csv.ts";
import { saveAs } from "#lib/save-as.ts";
import { Button } from "#ui/button.tsx";
import { ScrollRegion } from "#ui/scroll-region.tsx";
import { words } from "#words/words.ts";
import { sayReason } from "./server-texts.ts";

/** More than anybody reads; the first ones show what is wrong. */
const MAX_SHOWN = 200;

export function BadRows({ title, result }: { title: string; result: ImportResult }) {
  const texts = words().imports;
  const rows = result.badRows.flatMap(({ cells }) => (cells === null ? [] : [cells]));
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="font-medium">{title}</p>
        {rows.length > 0 && (
          <Button
            icon={Download}
            onClick={() => saveAs(`${result.collection}-rows.csv`, "text/csv", toCsv([result.columns, ...rows]))}
          >
            {texts.saveBadRows}
          </Button>
        )}
      </div>
      <ScrollRegion label={texts.badRows} className="max-h-96 rounded-xl border border-line bg-surface">
        <table className="w-full border-collapse text-sm">
          <thead className="sticky top-0 bg-sunken text-left">
            <tr>
              <th className="px-3 py-2 text-right font-medium">{texts.line}</th>
              <th className="px-3 py-2 font-medium">{texts.column}</th>
              <th className="px-3 py-2 font-medium">{texts.cell}</th>
              <th className="px-3 py-2 font-medium">{texts.reason}</th>
            </tr>
          </thead>
          <tbody>
            {result.badRows.slice(0, MAX_SHOWN).map(({ line, column, value, reason, cells }) => (
              <tr key={`${line} ${column}`} className="border-t border-line align-top">
                <td className="px-3 py-1.5 text-right tabular-nums">{line}</td>
                <td className="px-3 py-1.5">{column}</td>
                <td className="max-w-60 px-3 py-1.5 font-mono text-[13px] break-words">
                  {value ?? cells?.[result.columns.indexOf(column ?? "")]}
                </td>
                <td className="px-3 py-1.5">
                  <p className="text-danger">{sayReason(reason)}</p>
                  {cells && <p className="line-clamp-2 break-words text-ink-soft">{cells.join(" · ")}</p>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </div>
  );
}
