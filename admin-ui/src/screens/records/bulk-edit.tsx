/** Writes one value into a field of all selected rows. */

import { type FormEvent, useId, useState } from "react";
import type { Field, StoredRecord } from "#api/types.ts";
import { isTypable, readText } from "#fields/editing.ts";
import { Button } from "#ui/button.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { CheckField } from "#ui/switch-field.tsx";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { BulkRelation } from "./bulk-relation.tsx";
import type { GridNow } from "./grid-now.ts";
import { changeIn } from "./grid-writes.ts";
import type { Row } from "./use-rows.ts";

type BulkEditProps = {
  now: GridNow;
  /** Those that were selected when the dialog was opened. */
  rows: readonly Row[];
  /** Is chosen at first, if it can be typed into. */
  first: Field | undefined;
  onClose: () => void;
};

export function BulkEdit({ now, rows, first, onClose }: BulkEditProps) {
  const { grid, common } = words();
  const id = useId();
  const fields = now.columns.map(({ field }) => field).filter(isTypable);
  const [name, setName] = useState(fields.find((field) => field === first)?.name ?? fields[0]?.name ?? "");
  const [text, setText] = useState("");
  const [linked, setLinked] = useState<StoredRecord[]>([]);
  const [error, setError] = useState<string | undefined>();
  const field = fields.find((candidate) => candidate.name === name);

  const apply = (event: FormEvent) => {
    event.preventDefault();
    if (!field) return;
    const value = field.type === "relation" ? linksOf(linked, field.maxSelect) : readValue();
    if (value === undefined) return;
    now.editor.links.learn(linked);
    const column = now.columns.findIndex((candidate) => candidate.field === field);
    now.editor.write(now.rows.latest(rows).flatMap((row) => changeIn(now, row, column, value) ?? []));
    onClose();
  };
  const readValue = (): unknown => {
    if (!field) return undefined;
    const reading = readText(text, field);
    if (reading.status === "read") return reading.value;
    setError(reading.status === "unreadable" ? grid.unreadable[reading.why] : grid.unreadable.name);
    return undefined;
  };
  return (
    <Dialog isOpen title={grid.bulkEditTitle(rows.length)} onClose={onClose}>
      <form onSubmit={apply} className="flex flex-col gap-4">
        <label htmlFor={id} className="flex flex-col gap-1.5 text-sm font-medium">
          {grid.column}
          <select
            id={id}
            value={name}
            onChange={(event) => {
              setName(event.target.value);
              setText("");
              setLinked([]);
              setError(undefined);
            }}
            className="h-10 rounded-lg border border-line-strong bg-raised px-3 font-normal"
          >
            {fields.map((candidate) => (
              <option key={candidate.id}>{candidate.name}</option>
            ))}
          </select>
        </label>
        {field?.type === "relation" && (
          <BulkRelation field={field} collections={now.collections} linked={linked} onChange={setLinked} />
        )}
        {field?.type === "select" && <Choices field={field} text={text} onChange={setText} />}
        {field?.type === "bool" && (
          <CheckField
            label={common.yes}
            isChecked={text === "true"}
            onChange={(isChecked) => setText(isChecked ? "true" : "false")}
          />
        )}
        {field && !["relation", "select", "bool"].includes(field.type) && (
          <TextField
            label={grid.newValue}
            hint={field.type === "date" ? grid.dateHint : grid.emptyMeansEmpty}
            error={error}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setError(undefined);
            }}
          />
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" disabled={!field}>
            {grid.changeRows(rows.length)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function linksOf(records: readonly StoredRecord[], maxSelect: number | undefined): string | string[] {
  const ids = records.map(({ id }) => id);
  return (maxSelect ?? 1) > 1 ? ids : (ids[0] ?? "");
}

type ChoicesProps = {
  field: { name: string; values?: string[]; maxSelect?: number };
  text: string;
  onChange: (text: string) => void;
};

function Choices({ field, text, onChange }: ChoicesProps) {
  const isMultiple = (field.maxSelect ?? 1) > 1;
  const chosen = text === "" ? [] : text.split("\n");
  const toggle = (choice: string, isOn: boolean) => {
    const others = chosen.filter((other) => other !== choice);
    if (!isMultiple) onChange(isOn ? choice : "");
    else onChange((isOn ? [...others, choice] : others).join("\n"));
  };
  return (
    <fieldset className="flex max-h-56 flex-col gap-1.5 overflow-y-auto">
      <legend className="pb-1.5 text-sm font-medium">{words().grid.newValue}</legend>
      {(field.values ?? []).map((choice) => (
        <CheckField
          key={choice}
          label={choice}
          isChecked={chosen.includes(choice)}
          onChange={(isOn) => toggle(choice, isOn)}
        />
      ))}
    </fieldset>
  );
}
