/** The rows that could not be taken, with the cell and what is wrong with it. */

import type { ImportResult } from "#api/imports.ts";
import { ScrollRegion } from "#ui/scroll-region.tsx";
import { words } from "#words/words.ts";

/** More than anybody reads; the first ones show what is wrong. */
const MAX_SHOWN = 200;

export function BadRows({ title, result }: { title: string; result: ImportResult }) {
  const texts = words().imports;
  return (
    <div className="flex flex-col gap-2">
      <p className="font-medium">{title}</p>
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
            {result.badRows.slice(0, MAX_SHOWN).map(({ line, column, value, reason }) => (
              <tr key={`${line} ${column}`} className="border-t border-line align-top">
                <td className="px-3 py-1.5 text-right tabular-nums">{line}</td>
                <td className="px-3 py-1.5">{column}</td>
                <td className="max-w-60 px-3 py-1.5 font-mono text-[13px] break-words">{value}</td>
                <td className="px-3 py-1.5 text-danger">{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </div>
  );
}
