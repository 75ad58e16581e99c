/** A date is typed as text, with what it means below: the day, the time and its zone. A calendar is one click away. */

import { CalendarDays } from "lucide-react";
import { useRef } from "react";
import { formatExactDate } from "#lib/format.ts";
import { readDate, writeDate } from "#lib/grid/read-date.ts";
import { locale } from "#lib/locale.ts";
import { words } from "#words/words.ts";
import type { EditorProps } from "../field-editing.ts";
import { LineEditor } from "../line-editor.tsx";

export function DateEditor(props: EditorProps) {
  return (
    <LineEditor {...props} below={(text, onText) => <Meaning text={text} label={props.label} onText={onText} />} />
  );
}

type MeaningProps = { text: string; label: string; onText: (text: string) => void };

function Meaning({ text, label, onText }: MeaningProps) {
  const { grid } = words();
  const calendar = useRef<HTMLInputElement>(null);
  const date = readDate(text, locale());
  const isDay = date?.endsWith(" 00:00:00.000Z") ?? true;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const now = new Date().toISOString().replace("T", " ");
  return (
    <div className="flex w-max max-w-80 min-w-full items-center gap-1 rounded-b-lg border border-line bg-raised p-1.5 text-xs shadow-lg">
      <span role="status" className="min-w-0 flex-1 px-1 text-ink-soft">
        {date ? formatExactDate(date) : text.trim() === "" ? grid.dateHint : grid.unreadable.date}
        {date && !isDay && <span className="block">{zone}</span>}
      </span>
      <button
        type="button"
        tabIndex={-1}
        onClick={() => onText(writeDate(isDay ? `${localDay()} 00:00:00.000Z` : now))}
        className="rounded-md px-1.5 py-1 text-moss-strong hover:bg-sunken"
      >
        {isDay ? grid.today : grid.now}
      </button>
      <span className="relative">
        <button
          type="button"
          tabIndex={-1}
          aria-label={grid.openCalendar}
          title={grid.openCalendar}
          onClick={() => calendar.current?.showPicker()}
          className="flex size-7 items-center justify-center rounded-md text-ink-soft hover:bg-sunken hover:text-ink"
        >
          <CalendarDays className="size-4" aria-hidden />
        </button>
        <input
          ref={calendar}
          type="date"
          tabIndex={-1}
          aria-label={label}
          value={date ? writeDate(date).slice(0, 10) : ""}
          onChange={(event) => onText(withDay(date, event.target.value))}
          className="pointer-events-none absolute right-0 bottom-0 size-0 opacity-0"
        />
      </span>
    </div>
  );
}

function localDay(): string {
  const now = new Date();
  return new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())).toISOString().slice(0, 10);
}

/** Another day at the same time. */
function withDay(date: string | null, day: string): string {
  const time = date ? writeDate(date).slice(10) : "";
  return `${day}${time}`;
}
