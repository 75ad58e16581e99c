import { TokensField } from "#ui/tokens-field.tsx";
import { words } from "#words/words.ts";
import type { FieldOptions, OptionsProps } from "../field-options.ts";
import { HowMany } from "../how-many.tsx";

function SelectOptions(props: OptionsProps) {
  const { field, errors, onChange } = props;
  const say = words().fieldOptions;
  const values = field.values ?? [];
  // The server wants no more than there are choices.
  const setValues = (next: string[]) => {
    const isAll = (field.maxSelect ?? 0) > 1 && (field.maxSelect ?? 0) >= values.length;
    const most = isAll ? Math.max(2, next.length) : field.maxSelect;
    onChange({ values: next, maxSelect: most });
  };
  return (
    <>
      <TokensField
        label={say.choices}
        hint={say.choicesHint}
        values={values}
        error={errors.values}
        allowsCommas
        removeLabel={say.removeValue}
        onChange={setValues}
      />
      <HowMany {...props} maximum={values.length} />
    </>
  );
}

export const selectOptions: FieldOptions = { defaults: { values: [], maxSelect: 1 }, Options: SelectOptions };
