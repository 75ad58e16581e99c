/** The first rows of the file, as the server reads them. */

import type { Import } from "#api/imports.ts";
import { Section } from "#ui/page.tsx";
import { ScrollRegion } from "#ui/scroll-region.tsx";
import { words } from "#words/words.ts";
import { sayReason } from "./server-texts.ts";

export function Preview({ found }: { found: Import }) {
  const texts = words().imports;
  return (
    <Section title={texts.preview}>
      <ScrollRegion label={texts.preview} className="max-h-64 rounded-xl border border-line">
        <table className="w-full border-collapse text-sm">
          <thead className="sticky top-0">
            <tr className="bg-sunken text-left">
              <th className="border-b border-line px-3 py-2 text-right font-medium text-ink-soft">{texts.line}</th>
              {found.columns.map(({ name }) => (
                <th key={name} className="border-b border-line px-3 py-2 font-medium whitespace-nowrap">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.preview.map(({ line, cells, error }) => (
              <tr key={line} className="border-b border-line last:border-0">
                <td className="px-3 py-1.5 text-right text-ink-soft tabular-nums">{line}</td>
                {error ? (
                  <td colSpan={found.columns.length} className="px-3 py-1.5 text-danger">
                    {sayReason(error)}
                  </td>
                ) : (
                  found.columns.map(({ name }, index) => (
                    <td key={name} className="max-w-72 truncate px-3 py-1.5">
                      {asText(cells[index])}
                    </td>
                  ))
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </Section>
  );
}

function asText(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  return typeof cell === "string" ? cell : JSON.stringify(cell);
}
