/** What scripts print and log, and what went wrong in them, as it comes. */

import { useQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { explain } from "#api/errors.ts";
import type { LogEntry } from "#api/logs.ts";
import { type ScriptInfo, scriptLogQuery } from "#api/scripts.ts";
import { classNames } from "#lib/class-names.ts";
import { formatMoment } from "#lib/format.ts";
import { asHref, paths } from "#lib/paths.ts";
import { EmptyState } from "#ui/empty-state.tsx";
import { INPUT_LOOK } from "#ui/field-frame.tsx";
import { Loading } from "#ui/loading.tsx";
import { levelName, levelTone } from "#ui/log-level.ts";
import { Notice } from "#ui/notice.tsx";
import { words } from "#words/words.ts";

type ScriptLogProps = {
  files: readonly ScriptInfo[];
  file: string | undefined;
  onFile: (file: string | undefined) => void;
};

export function ScriptLog({ files, file, onFile }: ScriptLogProps) {
  const texts = words().scripts;
  const lines = useQuery(scriptLogQuery(file));
  const names = files.map(({ name }) => name);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p className="min-w-0 flex-1 basis-64 text-sm text-ink-soft">{texts.logLead}</p>
        <select
          aria-label={texts.file}
          value={file ?? ""}
          onChange={(event) => onFile(event.target.value || undefined)}
          className={classNames(INPUT_LOOK, "h-9 w-full! border-line-strong text-sm sm:w-56!")}
        >
          <option value="">{texts.allFiles}</option>
          {[...new Set([...names, ...(file === undefined ? [] : [file])])].map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {lines.isPending && <Loading />}
      {lines.error && <Notice tone="danger">{explain(lines.error).message}</Notice>}
      {lines.data?.length === 0 && <EmptyState icon={ScrollText} title={texts.noLines} lead={texts.noLinesLead} />}
      {lines.data && lines.data.length > 0 && (
        <ol aria-label={texts.log} className="divide-y divide-line rounded-2xl border border-line bg-surface text-sm">
          {lines.data.map((entry) => (
            <Line key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
    </div>
  );
}

function Line({ entry }: { entry: LogEntry }) {
  const { created, level, message, data } = entry;
  const file = typeof data.file === "string" ? data.file : "";
  const place = typeof data.place === "string" ? data.place : file;
  const line = Number(/:(\d+)(?::\d+)?$/.exec(place)?.[1] ?? 0);
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 px-5 py-2">
      <span className="text-ink-soft tabular-nums">{formatMoment(created)}</span>
      {level !== 0 && <span className={classNames("font-medium", levelTone(level))}>{levelName(level)}</span>}
      <span
        className={classNames(
          "min-w-0 flex-1 basis-60 font-mono text-[13px] leading-6 break-words whitespace-pre-wrap",
          level >= 8 && "text-danger",
        )}
      >
        {message}
      </span>
      {place !== "" && (
        <a
          href={asHref(paths.scripts({ file, line: line || undefined }))}
          className="rounded-md font-mono text-[13px] break-all text-moss-strong hover:underline"
        >
          {place}
        </a>
      )}
    </li>
  );
}
