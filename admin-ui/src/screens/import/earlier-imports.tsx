/** Files that were brought in during the last day: the way back to what came of them, and to undoing it. */

import { useQuery } from "@tanstack/react-query";
import { FileSpreadsheet } from "lucide-react";
import { type ImportSummary, importsQuery } from "#api/imports.ts";
import { formatMoment } from "#lib/format.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Section } from "#ui/page.tsx";
import { words } from "#words/words.ts";

export function EarlierImports() {
  const texts = words().imports;
  const { data: imports = [] } = useQuery(importsQuery());
  if (imports.length === 0) return null;
  return (
    <Section title={texts.earlier} lead={texts.earlierLead}>
      <ul className="flex flex-col divide-y divide-line">
        {imports.map((found) => (
          <li key={found.id}>
            <EarlierImport found={found} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function EarlierImport({ found: { id, file, rows, created, result } }: { found: ImportSummary }) {
  const texts = words().imports;
  const outcome = result?.isImported
    ? `${result.collection}: ${texts.done(result.created, result.updated)}`
    : `${texts.rows(rows)} · ${texts.notYet}`;
  return (
    <a
      href={asHref(paths.import({ id }))}
      className="-mx-2 flex items-center gap-3 rounded-lg px-2 py-2.5 hover:bg-sunken"
    >
      <FileSpreadsheet className="size-5 shrink-0 text-moss" aria-hidden />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{file.name}</span>
        <span className="block truncate text-sm text-ink-soft">{outcome}</span>
      </span>
      <span className="shrink-0 text-sm text-ink-soft tabular-nums max-sm:sr-only">{formatMoment(created)}</span>
    </a>
  );
}
