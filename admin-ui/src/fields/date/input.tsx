/** A day, or a day and a time with the zone it is meant in. Stored is always UTC. */

import { X } from "lucide-react";
import { useState } from "react";
import { formatDate } from "#lib/format.ts";
import {
  fromDayInput,
  fromTimeInput,
  isDay,
  toDayInput,
  toStored,
  toTimeInput,
  type Zone,
  zoneName,
  zoneOffset,
} from "#lib/zoned-date.ts";
import { IconButton } from "#ui/button.tsx";
import { words } from "#words/words.ts";
import { boxClass, type FieldInput, type InputProps } from "../field-input.ts";
import { asText } from "../values.ts";

function DateInput({ field, value, onChange, id, describedBy, isInvalid }: InputProps) {
  const { inputs } = words();
  const stored = asText(value);
  const [wantsTime, setWantsTime] = useState(stored !== "" && !isDay(stored));
  const [zone, setZone] = useState<Zone>("local");
  // Somebody else may give the day a time while it is open here.
  const hasTime = wantsTime || (stored !== "" && !isDay(stored));
  const changeKind = (withTime: boolean) => {
    setWantsTime(withTime);
    if (stored !== "" && !withTime) onChange(fromDayInput(toTimeInput(stored, zone).slice(0, 10)));
  };
  const now = () => onChange(hasTime ? toStored(new Date()) : fromDayInput(today()));
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-1.5">
        <input
          key={hasTime ? "time" : "day"}
          id={id}
          type={hasTime ? "datetime-local" : "date"}
          step={hasTime ? stepOf(stored) : undefined}
          max={hasTime ? "9999-12-31T23:59" : "9999-12-31"}
          value={hasTime ? toTimeInput(stored, zone) : toDayInput(stored)}
          aria-describedby={describedBy}
          aria-invalid={isInvalid || undefined}
          onChange={({ target }) => onChange(hasTime ? fromTimeInput(target.value, zone) : fromDayInput(target.value))}
          className={`${boxClass(isInvalid)} h-10 w-auto! tabular-nums`}
        />
        <button
          type="button"
          onClick={now}
          className="h-9 rounded-lg px-2.5 text-sm text-ink-soft hover:bg-sunken hover:text-ink"
        >
          {hasTime ? inputs.now : inputs.today}
        </button>
        {stored !== "" && <IconButton label={inputs.emptyDate(field.name)} icon={X} onClick={() => onChange("")} />}
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm text-ink-soft">
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            className="size-4 accent-moss"
            checked={hasTime}
            onChange={({ target }) => changeKind(target.checked)}
          />
          {inputs.withTime}
        </label>
        {hasTime && (
          <label className="flex items-center gap-2">
            <span>{inputs.zone}</span>
            <select
              value={zone}
              onChange={({ target }) => setZone(target.value === "utc" ? "utc" : "local")}
              className="h-8 rounded-md border border-line bg-raised px-2 text-sm text-ink"
            >
              <option value="local">
                {zoneName()} ({zoneOffset(stored)})
              </option>
              <option value="utc">UTC</option>
            </select>
          </label>
        )}
        {hasTime && stored !== "" && <span className="tabular-nums">{inputs.storedAs(stored)}</span>}
      </div>
    </div>
  );
}

function today(): string {
  return toTimeInput(toStored(new Date()), "local").slice(0, 10);
}

/** Browsers show seconds, or parts of them, only where the step asks for it. */
function stepOf(stored: string): number {
  if (stored === "" || stored.endsWith(":00.000Z")) return 60;
  return stored.endsWith(".000Z") ? 1 : 0.001;
}

export const dateInput: FieldInput = {
  Input: DateInput,
  fromStored: asText,
  toSent: asText,
  hint: ({ min, max }) => {
    const { inputs } = words();
    const [from, to] = [asText(min), asText(max)].map((text) => (text === "" ? "" : formatDate(text)));
    if (from && to) return inputs.between(from, to);
    if (from) return inputs.from(from);
    return to ? inputs.to(to) : undefined;
  },
};
