/** What the cells of a relation point to, by what they name it, and whether one record may have several. */

import type { Field } from "#api/types.ts";
import { CheckField } from "#ui/switch-field.tsx";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { ColumnPlanProps } from "./column-plan.tsx";
import { isLinkList, withLinkList } from "./plan-changes.ts";
import { suggestNaming } from "./suggest-link.ts";

/** Types of fields by whose value a record can be found. */
const NAMING_TYPES = new Set(["text", "email", "url", "number", "select"]);

type LinkDetailsProps = ColumnPlanProps & {
  /** The relation that the cells go to, if it is there already. */
  existing: Field | undefined;
};

export function LinkDetails({ plan, column, target, collections, existing, onChange }: LinkDetailsProps) {
  const texts = words().imports;
  const linked = collections.filter(({ type }) => type !== "view");
  const fixed = existing && linked.find(({ id }) => id === existing.collectionId)?.name;
  const name = column.relation?.collection ?? fixed ?? "";
  const naming = namingFields(linked.find((collection) => collection.name === name)?.fields ?? []);
  // Rows can point to others of the collection that the import makes.
  const isItself = target === undefined && plan.collection !== "";
  const choose = (collection: string) => {
    const found = linked.find((other) => other.name === collection);
    const field = found ? suggestNaming(column.column, found) : null;
    onChange({ relation: collection ? { collection, field } : null });
  };
  return (
    <div className="grid items-end gap-3 sm:grid-cols-3">
      {!existing && (
        <SelectField
          label={texts.linksTo}
          value={name}
          options={[
            { value: "", label: texts.chooseCollection },
            ...(isItself ? [{ value: plan.collection, label: texts.itself(plan.collection) }] : []),
            ...linked.map((collection) => ({ value: collection.name, label: collection.name })),
          ]}
          onChange={choose}
        />
      )}
      {name !== "" && (
        <SelectField
          label={texts.foundBy}
          value={column.relation?.field ?? ""}
          options={[{ value: "", label: texts.byId }, ...naming.map((field) => ({ value: field, label: field }))]}
          onChange={(field) => onChange({ relation: { collection: name, field: field || null } })}
        />
      )}
      {name !== "" && !existing && (
        <div className="pb-2">
          <CheckField
            label={texts.severalLinks}
            isChecked={isLinkList(column, plan.mode)}
            onChange={(isList) => onChange(withLinkList(column, isList))}
          />
        </div>
      )}
    </div>
  );
}

function namingFields(fields: readonly Field[]): string[] {
  return fields.filter(({ type, name }) => NAMING_TYPES.has(type) && name !== "id").map(({ name }) => name);
}
