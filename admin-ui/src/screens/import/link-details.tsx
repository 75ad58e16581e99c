/** What the cells of a relation point to, by what they name it, and whether one record may have several. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { linkMatchesQuery } from "#api/lookup.ts";
import type { Field } from "#api/types.ts";
import { CheckField } from "#ui/switch-field.tsx";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { ColumnPlanProps } from "./column-plan-props.ts";
import { isLinkList, withLinkList } from "./plan-changes.ts";
import { suggestNaming } from "./suggest-link.ts";

/** Types of fields by whose value a record can be found. */
const NAMING_TYPES = new Set(["text", "email", "url", "number", "select"]);

type LinkDetailsProps = ColumnPlanProps & {
  /** The relation that the cells go to, if it is there already. */
  existing: Field | undefined;
};

export function LinkDetails({ plan, column, cells, target, collections, existing, onChange }: LinkDetailsProps) {
  const texts = words().imports;
  const chosen = column.relation?.collection;
  const linked = collections.filter(({ type, system, name }) => type !== "view" && (!system || name === chosen));
  const fixed = existing && linked.find(({ id }) => id === existing.collectionId)?.name;
  const name = column.relation?.collection ?? fixed ?? "";
  const naming = namingFields(linked.find((collection) => collection.name === name)?.fields ?? []);
  const [isFieldChosen, setFieldChosen] = useState(false);
  const examples = cells.flatMap((cell) => (typeof cell === "string" && cell !== "" ? [cell] : []));
  const { data: matches } = useQuery(linkMatchesQuery(name, naming, examples));
  const field = column.relation?.field ?? null;
  useEffect(() => {
    const better = matches && bestMatch(matches, field);
    // Nothing is found by the proposed field, and something by another one.
    if (better && !isFieldChosen && name !== "") onChange({ relation: { collection: name, field: better } });
  }, [matches, field, isFieldChosen, name, onChange]);
  // Rows can point to others of the collection that the import makes.
  const isItself = target === undefined && plan.collection !== "";
  const choose = (collection: string) => {
    const found = linked.find((other) => other.name === collection);
    setFieldChosen(false);
    onChange({
      relation: collection ? { collection, field: found ? suggestNaming(column.column, found) : null } : null,
    });
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
          value={field ?? ""}
          options={[{ value: "", label: texts.byId }, ...naming.map((one) => ({ value: one.name, label: one.name }))]}
          onChange={(wanted) => {
            setFieldChosen(true);
            onChange({ relation: { collection: name, field: wanted || null } });
          }}
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

function namingFields(fields: readonly Field[]): Field[] {
  return fields.filter(({ type, name }) => NAMING_TYPES.has(type) && name !== "id");
}

/** The field with the most matches, unless the present one has some. Ids are found by the server. */
function bestMatch(matches: ReadonlyMap<string, number>, present: string | null): string | null {
  if (present === null || (matches.get(present) ?? 0) > 0) return null;
  const [best] = [...matches].filter(([, count]) => count > 0).sort(([, one], [, other]) => other - one);
  return best?.[0] ?? null;
}
