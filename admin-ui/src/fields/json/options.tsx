import { UnitField } from "#ui/unit-field.tsx";
import { words } from "#words/words.ts";
import type { FieldOptions, OptionsProps } from "../field-options.ts";

function JsonOptions({ field, errors, onChange }: OptionsProps) {
  const say = words().fieldOptions;
  return (
    <UnitField
      label={say.maxSizeJson}
      value={field.maxSize ?? 0}
      placeholder="1"
      units={say.bytes}
      unitLabel={say.unit}
      error={errors.maxSize}
      onChange={(maxSize) => onChange({ maxSize })}
    />
  );
}

export const jsonOptions: FieldOptions = { defaults: { maxSize: 0 }, Advanced: JsonOptions };
