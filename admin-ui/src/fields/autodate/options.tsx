import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { FieldOptions, OptionsProps } from "../field-options.ts";

function AutodateOptions({ field, errors, onChange }: OptionsProps) {
  const say = words().fieldOptions;
  const value = field.onCreate && field.onUpdate ? "both" : field.onUpdate ? "update" : "create";
  return (
    <SelectField
      label={say.setWhen}
      value={value}
      error={errors.onCreate ?? errors.onUpdate}
      options={[
        { value: "create", label: say.onCreate },
        { value: "update", label: say.onUpdate },
        { value: "both", label: say.onBoth },
      ]}
      onChange={(when) => onChange({ onCreate: when !== "update", onUpdate: when !== "create" })}
    />
  );
}

export const autodateOptions: FieldOptions = {
  defaults: { onCreate: true, onUpdate: false },
  Options: AutodateOptions,
  isNeverRequired: true,
};
