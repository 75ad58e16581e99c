import { NumberField } from "#ui/number-field.tsx";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { type FieldOptions, limitOf, type OptionsProps } from "../field-options.ts";

function LengthOptions({ field, errors, onChange }: OptionsProps) {
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
        placeholder={say.maxLengthDefault}
        error={errors.max}
        isWhole
        onChange={(max) => onChange({ max: max ?? 0 })}
      />
    </div>
  );
}

function PatternOptions({ field, errors, onChange }: OptionsProps) {
  const say = words().fieldOptions;
  return (
    <>
      <TextField
        label={say.pattern}
        hint={say.patternHint}
        value={field.pattern ?? ""}
        error={errors.pattern}
        spellCheck={false}
        className="font-mono text-[13px]"
        onChange={(event) => onChange({ pattern: event.target.value })}
      />
      <TextField
        label={say.autogenerate}
        hint={say.autogenerateHint}
        value={field.autogeneratePattern ?? ""}
        error={errors.autogeneratePattern}
        spellCheck={false}
        className="font-mono text-[13px]"
        onChange={(event) => onChange({ autogeneratePattern: event.target.value })}
      />
    </>
  );
}

export const textOptions: FieldOptions = {
  defaults: { min: 0, max: 0, pattern: "", autogeneratePattern: "", primaryKey: false },
  Options: LengthOptions,
  Advanced: PatternOptions,
};
