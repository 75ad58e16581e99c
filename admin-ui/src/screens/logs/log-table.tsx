/** Entries of the log, one on each line. */

import type { MouseEvent } from "react";
import type { LogEntry } from "#api/logs.ts";
import { classNames } from "#lib/class-names.ts";
import { formatMoment } from "#lib/format.ts";
import { levelName, levelTone } from "#ui/log-level.ts";
import { ScrollRegion } from "#ui/scroll-region.tsx";
import { words } from "#words/words.ts";
import { readRequest } from "./log-entry.ts";

type LogTableProps = {
  entries: readonly LogEntry[];
  selected: ReadonlyMap<string, LogEntry>;
  onSelect: (entries: readonly LogEntry[], isSelected: boolean) => void;
  onOpen: (entry: LogEntry) => void;
};

export function LogTable({ entries, selected, onSelect, onOpen }: LogTableProps) {
  const texts = words().logs;
  return (
    <ScrollRegion label={texts.title} className="rounded-2xl border border-line bg-surface">
      <table className="w-full min-w-160 border-collapse text-sm">
        <thead>
          <tr className="border-b border-line text-left text-ink-soft">
            <th className="py-2 pl-4">
              <input
                type="checkbox"
                aria-label={texts.selectAll}
                checked={entries.every(({ id }) => selected.has(id))}
                onChange={(event) => onSelect(entries, event.target.checked)}
                className="size-4 align-middle accent-moss"
              />
            </th>
            <th className="px-3 py-2 font-medium">{texts.time}</th>
            <th className="py-2 pr-3 font-medium">{texts.level}</th>
            <th className="w-full py-2 pr-3 font-medium">{texts.message}</th>
            <th className="py-2 pr-3 text-right font-medium">{texts.status}</th>
            <th className="py-2 pr-3 text-right font-medium">{texts.duration}</th>
            <th className="py-2 pr-4 font-medium">{texts.caller}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row
              key={entry.id}
              entry={entry}
              isSelected={selected.has(entry.id)}
              onSelect={(isSelected) => onSelect([entry], isSelected)}
              onOpen={onOpen}
            />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

type RowProps = {
  entry: LogEntry;
  isSelected: boolean;
  onSelect: (isSelected: boolean) => void;
  onOpen: (entry: LogEntry) => void;
};

function Row({ entry, isSelected, onSelect, onOpen }: RowProps) {
  const texts = words().logs;
  const { status, duration, caller, why } = readRequest(entry);
  // Scripts may log an empty text.
  const message = entry.message.trim() === "" ? texts.noText : entry.message;
  const open = (event: MouseEvent) => {
    const isControl = event.target instanceof Element && event.target.closest("label, input, button") !== null;
    // Somebody who marks a text to copy it does not mean to open the entry.
    if (!isControl && getSelection()?.isCollapsed !== false) onOpen(entry);
  };
  return (
    <tr
      onClick={open}
      className={classNames(
        "cursor-pointer border-b border-line last:border-0 hover:bg-sunken",
        isSelected && "bg-moss-wash",
      )}
    >
      <td className="p-0">
        <label className="block cursor-pointer py-1.5 pl-4">
          <input
            type="checkbox"
            aria-label={texts.select(message)}
            checked={isSelected}
            onChange={(event) => onSelect(event.target.checked)}
            className="size-4 align-middle accent-moss"
          />
        </label>
      </td>
      <td className="px-3 py-1.5 whitespace-nowrap text-ink-soft">{formatMoment(entry.created)}</td>
      <td className={classNames("py-1.5 pr-3 whitespace-nowrap", levelTone(entry.level))}>{levelName(entry.level)}</td>
      <td className="max-w-0 min-w-52 py-1.5 pr-3">
        <button
          type="button"
          onClick={() => onOpen(entry)}
          className="block max-w-full truncate text-left font-mono text-[13px] hover:underline"
        >
          {message}
        </button>
        {why && <span className="block truncate text-ink-soft">{why}</span>}
      </td>
      <td className="py-1.5 pr-3 text-right tabular-nums">{status}</td>
      <td className="py-1.5 pr-3 text-right whitespace-nowrap tabular-nums">{duration}</td>
      <td className="py-1.5 pr-4 whitespace-nowrap">{caller}</td>
    </tr>
  );
}
