import { Switch } from "#ui/switch-field.tsx";
import { words } from "#words/words.ts";
import type { FieldInput, InputProps } from "../field-input.ts";

function BoolInput({ value, onChange, id, describedBy, isInvalid }: InputProps) {
  const isOn = value === true;
  return (
    <span className="flex h-10 items-center gap-2.5">
      <Switch
        id={id}
        checked={isOn}
        onChange={({ target }) => onChange(target.checked)}
        aria-describedby={describedBy}
        aria-invalid={isInvalid || undefined}
      />
      <span aria-hidden className="text-sm text-ink-soft">
        {isOn ? words().common.yes : words().common.no}
      </span>
    </span>
  );
}

export const boolInput: FieldInput = {
  Input: BoolInput,
  fromStored: (value) => value === true,
  toSent: (value) => value === true,
  hint: ({ required }) => (required ? words().inputs.mustBeYes : undefined),
};
