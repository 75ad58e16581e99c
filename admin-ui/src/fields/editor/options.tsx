import { SwitchField } from "#ui/switch-field.tsx";
import { UnitField } from "#ui/unit-field.tsx";
import { words } from "#words/words.ts";
import type { FieldOptions, OptionsProps } from "../field-options.ts";

function EditorOptions({ field, errors, onChange }: OptionsProps) {
  const say = words().fieldOptions;
  return (
    <>
      <UnitField
        label={say.maxSizeText}
        value={field.maxSize ?? 0}
        placeholder="5"
        units={say.bytes}
        unitLabel={say.unit}
        error={errors.maxSize}
        onChange={(maxSize) => onChange({ maxSize })}
      />
      <SwitchField
        label={say.convertUrls}
        hint={say.convertUrlsHint}
        isOn={field.convertURLs === true}
        onChange={(convertURLs) => onChange({ convertURLs })}
      />
    </>
  );
}

export const editorOptions: FieldOptions = {
  defaults: { maxSize: 0, convertURLs: false },
  Advanced: EditorOptions,
};
