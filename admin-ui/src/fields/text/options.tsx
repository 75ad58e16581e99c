import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { FieldOptions, OptionsProps } from "../field-options.ts";
import { LengthOptions, PatternOption } from "../length-options.tsx";

function TextAdvanced(props: OptionsProps) {
  const { field, errors, onChange } = props;
  const say = words().fieldOptions;
  return (
    <>
      <PatternOption {...props} />
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
  Options: (props) => <LengthOptions {...props} usualMax={words().fieldOptions.maxLengthDefault} />,
  Advanced: TextAdvanced,
};
