import { NumberField } from "#ui/number-field.tsx";
import { words } from "#words/words.ts";
import { type FieldOptions, limitOf, type OptionsProps } from "../field-options.ts";
import { LengthOptions, PatternOption } from "../length-options.tsx";

function PasswordAdvanced(props: OptionsProps) {
  const { field, errors, onChange } = props;
  const say = words().fieldOptions;
  return (
    <>
      <PatternOption {...props} />
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
  // What the hash keeps of a password.
  Options: (props) => <LengthOptions {...props} usualMax="71" />,
  Advanced: PasswordAdvanced,
};
