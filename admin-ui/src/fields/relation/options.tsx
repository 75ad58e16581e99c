import { useQuery } from "@tanstack/react-query";
import { collectionsQuery } from "#api/collections.ts";
import { NumberField } from "#ui/number-field.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { type FieldOptions, limitOf, type OptionsProps } from "../field-options.ts";
import { HowMany } from "../how-many.tsx";

function RelationOptions(props: OptionsProps) {
  const { field, stored, errors, onChange } = props;
  const say = words().fieldOptions;
  const { data: collections = [] } = useQuery(collectionsQuery());
  // A view has no rows of its own to point at.
  const targets = collections.filter(
    ({ type, system, id }) => (type !== "view" && !system) || id === field.collectionId,
  );
  return (
    <>
      <SelectField
        label={say.target}
        value={field.collectionId ?? ""}
        error={errors.collectionId}
        hint={stored ? say.targetFixed : undefined}
        isDisabled={stored !== undefined}
        options={[
          ...(field.collectionId ? [] : [{ value: "", label: say.targetPlaceholder }]),
          ...targets.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(collectionId) => onChange({ collectionId })}
      />
      <HowMany {...props} />
    </>
  );
}

function RelationAdvanced({ field, errors, onChange }: OptionsProps) {
  const say = words().fieldOptions;
  return (
    <>
      {(field.maxSelect ?? 0) > 1 && (
        <NumberField
          label={say.atLeast}
          value={limitOf(field.minSelect)}
          placeholder={say.noLimit}
          error={errors.minSelect}
          isWhole
          onChange={(minSelect) => onChange({ minSelect: minSelect ?? 0 })}
        />
      )}
      <SwitchField
        label={say.cascade}
        hint={say.cascadeHint}
        isOn={field.cascadeDelete === true}
        onChange={(cascadeDelete) => onChange({ cascadeDelete })}
      />
    </>
  );
}

export const relationOptions: FieldOptions = {
  defaults: { collectionId: "", cascadeDelete: false, minSelect: 0, maxSelect: 1 },
  Options: RelationOptions,
  Advanced: RelationAdvanced,
};
