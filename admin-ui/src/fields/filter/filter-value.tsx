/** The value of a condition: a text, a number, a day, a choice or a record. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { recordQuery } from "#api/records.ts";
import type { Collection, Field } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { RelationPicker } from "#fields/relation/picker.tsx";
import type { Operator } from "#lib/filter/model.ts";
import { readNumber, writeNumber } from "#lib/grid/read-number.ts";
import { locale } from "#lib/locale.ts";
import { Button } from "#ui/button.tsx";
import { Popover } from "#ui/popover.tsx";
import { words } from "#words/words.ts";

type FilterValueProps = {
  field: Field;
  operator: Operator;
  value: string;
  collections: readonly Collection[];
  onChange: (value: string) => void;
};

const INPUT = "h-8 min-w-0 flex-1 basis-32 rounded-lg border border-line bg-surface px-2.5 text-sm";
const PAUSE_MS = 300;

export function FilterValue(props: FilterValueProps) {
  const { field, operator, value, onChange } = props;
  const { grid } = words();
  if (field.type === "relation" && operator !== "nameContains") return <RecordValue {...props} />;
  if (field.type === "select") {
    return (
      <select
        aria-label={grid.value}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={INPUT}
      >
        <option value="">{grid.choose}</option>
        {[...new Set([...(field.values ?? []), ...(value === "" ? [] : [value])])].map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    );
  }
  if (field.type === "date" || field.type === "autodate") {
    return (
      <input
        type="date"
        aria-label={grid.value}
        max="9999-12-31"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={INPUT}
      />
    );
  }
  return <TypedValue {...props} isNumber={field.type === "number"} />;
}

/** Asks the server when typing pauses. */
function TypedValue({ value, onChange, isNumber }: FilterValueProps & { isNumber: boolean }) {
  const shown = isNumber && value !== "" ? writeNumber(Number(value), locale()) : value;
  const [draft, setDraft] = useState(shown);
  const number = isNumber ? readNumber(draft, locale()) : null;
  const isWrong = isNumber && draft.trim() !== "" && number === null;
  const next = isNumber ? (number === null ? "" : String(number)) : draft;
  // Other conditions may change before the clock runs out.
  const latest = useRef({ value, onChange });
  latest.current = { value, onChange };
  useEffect(() => {
    const timer = setTimeout(() => {
      if (next !== latest.current.value) latest.current.onChange(next);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [next]);
  return (
    <input
      aria-label={words().grid.value}
      aria-invalid={isWrong || undefined}
      inputMode={isNumber ? "decimal" : undefined}
      value={draft}
      spellCheck={false}
      onChange={(event) => setDraft(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter" && next !== value) onChange(next);
      }}
      className={isWrong ? `${INPUT} border-danger` : INPUT}
    />
  );
}

function RecordValue({ field, value, collections, onChange }: FilterValueProps) {
  const [isOpen, setOpen] = useState(false);
  const target = collections.find(({ id }) => id === field.collectionId);
  if (!target) return null;
  return (
    <Popover
      title={target.name}
      align="start"
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button className="h-8! min-w-32 flex-1 justify-start! px-2.5! font-normal!">
          {value === "" ? words().grid.choose : <Name target={target} id={value} />}
        </Button>
      }
    >
      <RelationPicker
        target={target}
        chosen={value === "" ? [] : [value]}
        onToggle={({ id }) => {
          onChange(id);
          setOpen(false);
        }}
      />
    </Popover>
  );
}

function Name({ target, id }: { target: Collection; id: string }) {
  const { data } = useQuery(recordQuery(target, id));
  return <span className="truncate">{data ? recordName(data, target.fields) : id}</span>;
}
