import { NumberField } from "#ui/number-field.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { words } from "#words/words.ts";
import { type FieldOptions, numberOf, type OptionsProps } from "../field-options.ts";

function NumberOptions({ field, errors, onChange }: OptionsProps) {
  const say = words().fieldOptions;
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <NumberField
          label={say.minNumber}
          value={numberOf(field.min)}
          placeholder={say.noLimit}
          error={errors.min}
          onChange={(min) => onChange({ min })}
        />
        <NumberField
          label={say.maxNumber}
          value={numberOf(field.max)}
          placeholder={say.noLimit}
          error={errors.max}
          onChange={(max) => onChange({ max })}
        />
      </div>
      {field.required !== true && <p className="text-sm text-ink-soft">{say.numberNeverEmpty}</p>}
      <SwitchField label={say.onlyInt} isOn={field.onlyInt === true} onChange={(onlyInt) => onChange({ onlyInt })} />
    </>
  );
}

export const numberOptions: FieldOptions = {
  defaults: { min: null, max: null, onlyInt: false },
  Options: NumberOptions,
};
