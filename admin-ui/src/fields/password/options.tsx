import { NumberField } from "#ui/number-field.tsx";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { type FieldOptions, limitOf, type OptionsProps } from "../field-options.ts";

function PasswordOptions({ field, errors, onChange }: OptionsProps) {
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
        placeholder="71"
        error={errors.max}
        isWhole
        onChange={(max) => onChange({ max: max ?? 0 })}
      />
    </div>
  );
}

function PasswordAdvanced({ field, errors, onChange }: OptionsProps) {
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
      <NumberField
        label={say.cost}
        hint={say.costHint}
        value={limitOf(field.cost)}
        placeholder="10"
        error={errors.cost}
        isWhole
        onChange={(cost) => onChange({ cost: cost ?? 0 })}
      />
    </>
  );
}

export const passwordOptions: FieldOptions = {
  // A hash is nobody's business: hidden unless somebody decides otherwise.
  defaults: { min: 8, max: 0, pattern: "", cost: 0, hidden: true },
  Options: PasswordOptions,
  Advanced: PasswordAdvanced,
};
