import { parseDate } from "#lib/format.ts";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { FieldOptions, OptionsProps } from "../field-options.ts";

function DateOptions({ field, errors, onChange }: OptionsProps) {
  const say = words().fieldOptions;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        type="datetime-local"
        label={say.earliest}
        value={toInput(field.min)}
        error={errors.min}
        onChange={(event) => onChange({ min: fromInput(event.target.value) })}
      />
      <TextField
        type="datetime-local"
        label={say.latest}
        value={toInput(field.max)}
        error={errors.max}
        onChange={(event) => onChange({ max: fromInput(event.target.value) })}
      />
    </div>
  );
}

/** The browser's input has the viewer's time and no zone. */
function toInput(value: unknown): string {
  const date = typeof value === "string" ? parseDate(value) : null;
  if (!date) return "";
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

function fromInput(text: string): string {
  const date = new Date(text);
  return text === "" || Number.isNaN(date.getTime()) ? "" : date.toISOString().replace("T", " ");
}

export const dateOptions: FieldOptions = { defaults: { min: "", max: "" }, Advanced: DateOptions };
