/** What files handle: how often each handler was called, how often it failed, and how long it took. */

import type { ReactNode } from "react";
import type { ScriptHandler, ScriptInfo } from "#api/scripts.ts";
import { classNames } from "#lib/class-names.ts";
import { formatMoment, formatNumber } from "#lib/format.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Nothing } from "#ui/nothing.tsx";
import { ScrollRegion } from "#ui/scroll-region.tsx";
import { words } from "#words/words.ts";
import { mistakeText } from "./mistake-text.ts";

type HandlersProps = {
  files: readonly ScriptInfo[];
  /** Goes to a line of the file that is open; without it, lines are links. */
  onLine?: (line: number) => void;
};

export function Handlers({ files, onLine }: HandlersProps) {
  const texts = words().scripts;
  const all = files.flatMap((file) => file.handlers.map((handler) => ({ file: file.name, handler })));
  if (all.length === 0) return <p className="text-sm text-ink-soft">{texts.noHandlers}</p>;
  return (
    <ScrollRegion label={texts.handlers} className="rounded-xl border border-line bg-surface">
      <table className="w-full min-w-140 border-collapse text-sm">
        <thead>
          <tr className="border-b border-line text-left text-ink-soft">
            <th className="w-full py-2 pr-3 pl-4 font-medium">{texts.handler}</th>
            <th className="py-2 pr-4 font-medium">{texts.place}</th>
            <th className="py-2 pr-4 text-right font-medium">{texts.calls}</th>
            <th className="py-2 pr-4 text-right font-medium">{texts.errorsHead}</th>
            <th className="py-2 pr-4 text-right font-medium whitespace-nowrap">{texts.average}</th>
            <th className="py-2 pr-4 text-right font-medium whitespace-nowrap">{texts.longest}</th>
          </tr>
        </thead>
        <tbody>
          {all.map(({ file, handler }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a file may register the same handler twice
            <Row key={index} file={file} handler={handler} onLine={onLine} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

type RowProps = { file: string; handler: ScriptHandler; onLine: HandlersProps["onLine"] };

function Row({ file, handler, onLine }: RowProps) {
  const texts = words().scripts;
  const { kind, name, targets, line, calls, errors, totalMilliseconds, maxMilliseconds, lastError } = handler;
  return (
    <tr className="border-b border-line align-top last:border-0">
      <td className="max-w-0 min-w-56 py-2 pr-3 pl-4">
        <span className="font-mono text-[13px] break-words">{name}</span>{" "}
        <span className="break-words text-ink-soft">
          {kind === "event"
            ? targets.map((target) => (target === "*" ? texts.allCollections : target)).join(", ")
            : texts.handlerKinds[kind]}
        </span>
        {lastError && (
          <p className="mt-0.5 break-words text-danger">
            {texts.lastError(formatMoment(lastError.at), mistakeText(lastError, file))}
          </p>
        )}
      </td>
      <td className="py-2 pr-4 whitespace-nowrap">
        {onLine ? (
          <button type="button" onClick={() => onLine(line)} className="rounded-md text-moss-strong hover:underline">
            {texts.line(line)}
          </button>
        ) : (
          <a href={asHref(paths.scripts({ file, line }))} className="rounded-md text-moss-strong hover:underline">
            {texts.fileLine(file, line)}
          </a>
        )}
      </td>
      <Figure>{formatNumber(calls)}</Figure>
      <Figure isBad={errors > 0}>{formatNumber(errors)}</Figure>
      <Figure>{calls === 0 ? <Nothing /> : texts.milliseconds(shortNumber(totalMilliseconds / calls))}</Figure>
      <Figure>{calls === 0 ? <Nothing /> : texts.milliseconds(shortNumber(maxMilliseconds))}</Figure>
    </tr>
  );
}

function Figure({ isBad = false, children }: { isBad?: boolean; children: ReactNode }) {
  return (
    <td className={classNames("py-2 pr-4 text-right whitespace-nowrap tabular-nums", isBad && "text-danger")}>
      {children}
    </td>
  );
}

/** As many decimals as say something. */
function shortNumber(milliseconds: number): string {
  const factor = milliseconds < 1 ? 100 : milliseconds < 10 ? 10 : 1;
  return formatNumber(Math.round(milliseconds * factor) / factor);
}
