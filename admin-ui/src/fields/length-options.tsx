/** How long a text may be, and what it must look like: for texts and passwords. */

import { NumberField } from "#ui/number-field.tsx";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { limitOf, type OptionsProps } from "./field-options.ts";

/** `usualMax` stands where no maximum is set. */
export function LengthOptions({ field, errors, onChange, usualMax }: OptionsProps & { usualMax: string }) {
  const say = words().fieldOptions;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <NumberField
        label={say.minLength}
        value={limitOf(field.min)}
        placeholder={say.noLimit}
        error={errors.min}
        isWhole
        onChange={(min) => onChange({ min: min ?? 0 })}
      />
      <NumberField
        label={say.maxLength}
        value={limitOf(field.max)}
        placeholder={usualMax}
        error={errors.max}
        isWhole
        onChange={(max) => onChange({ max: max ?? 0 })}
      />
    </div>
  );
}

export function PatternOption({ field, errors, onChange }: OptionsProps) {
  const say = words().fieldOptions;
  return (
    <TextField
      label={say.pattern}
      hint={say.patternHint}
      value={field.pattern ?? ""}
      error={errors.pattern}
      spellCheck={false}
      className="font-mono text-[13px]"
      onChange={(event) => onChange({ pattern: event.target.value })}
    />
  );
}
