/** A choice: a few values stand side by side, many are in a list that can be searched. */

import { Check } from "lucide-react";
import { useState } from "react";
import { classNames } from "#lib/class-names.ts";
import { SearchInput } from "#ui/search-input.tsx";
import { words } from "#words/words.ts";
import { boxClass, type FieldInput, type InputProps } from "../field-input.ts";
import { asList, asText } from "../values.ts";

/** Beyond this many, values are listed one below the other. */
const MAX_SIDE_BY_SIDE = 10;

function SelectInput(props: InputProps) {
  const { field, value } = props;
  const chosen = asList(value);
  // A value that was taken from the field's list stays visible, so that it is not lost unseen.
  const values = [...new Set([...(field.values ?? []), ...chosen])];
  if (values.length <= MAX_SIDE_BY_SIDE) return <Choices {...props} values={values} chosen={chosen} />;
  if (!isMultiple(field)) return <Dropdown {...props} values={values} chosen={chosen} />;
  return <LongList {...props} values={values} chosen={chosen} />;
}

type ChoicesProps = InputProps & { values: string[]; chosen: string[]; className?: string };

function Choices({ field, values, chosen, onChange, id, describedBy, isInvalid, className }: ChoicesProps) {
  const isMany = isMultiple(field);
  const isFull = isMany && chosen.length >= (field.maxSelect ?? 1);
  const toggle = (choice: string) => onChange(toggled(field, chosen, choice));
  return (
    <fieldset
      role={isMany ? undefined : "radiogroup"}
      aria-labelledby={`${id}-label`}
      aria-describedby={describedBy}
      aria-invalid={isMany ? undefined : isInvalid || undefined}
      className={className ?? "flex flex-wrap gap-1.5"}
    >
      {values.map((choice, index) => {
        const isOn = chosen.includes(choice);
        const isUnknown = !field.values?.includes(choice);
        return (
          <label
            key={choice}
            title={isUnknown ? words().inputs.noLongerChoice : choice}
            className={classNames(
              "inline-flex max-w-full items-center gap-1.5 rounded-lg border px-2.5 py-1.5 text-sm transition-colors has-focus-visible:outline-2 has-focus-visible:outline-moss",
              isOn
                ? "border-moss bg-moss-wash font-medium text-moss-strong"
                : "border-line bg-raised text-ink hover:border-line-strong",
              isFull && !isOn && "cursor-not-allowed opacity-55",
            )}
          >
            <input
              id={index === 0 ? id : undefined}
              type={isMany ? "checkbox" : "radio"}
              name={id}
              className="sr-only"
              checked={isOn}
              disabled={isFull && !isOn}
              onChange={() => toggle(choice)}
              // A radio that is on says nothing when it is clicked, and a choice must be able to be taken back.
              onClick={() => !isMany && isOn && !field.required && toggle(choice)}
            />
            {isOn && <Check className="size-3.5 shrink-0" aria-hidden />}
            <span className={classNames("truncate", isUnknown && "line-through")}>{choice}</span>
          </label>
        );
      })}
    </fieldset>
  );
}

function Dropdown({ field, values, chosen, onChange, id, describedBy, isInvalid }: ChoicesProps) {
  return (
    <select
      id={id}
      value={chosen[0] ?? ""}
      aria-labelledby={`${id}-label`}
      aria-describedby={describedBy}
      aria-invalid={isInvalid || undefined}
      onChange={({ target }) => onChange(target.value)}
      className={`${boxClass(isInvalid)} h-10`}
    >
      <option value="">{field.required ? words().inputs.pleaseChoose : words().common.none}</option>
      {values.map((choice) => (
        <option key={choice}>{choice}</option>
      ))}
    </select>
  );
}

function LongList(props: ChoicesProps) {
  const [typed, setTyped] = useState("");
  const word = typed.trim().toLowerCase();
  const found = props.values.filter((choice) => props.chosen.includes(choice) || choice.toLowerCase().includes(word));
  return (
    <div className="flex flex-col gap-2 rounded-lg border border-line p-2">
      <SearchInput label={words().common.search} value={typed} onChange={setTyped} />
      <Choices
        {...props}
        values={found}
        className="flex max-h-44 flex-wrap content-start gap-1.5 overflow-y-auto p-0.5"
      />
    </div>
  );
}

function isMultiple(field: InputProps["field"]): boolean {
  return (field.maxSelect ?? 1) > 1;
}

function toggled(field: InputProps["field"], chosen: string[], choice: string): string | string[] {
  const isOn = chosen.includes(choice);
  if (!isMultiple(field)) return isOn ? "" : choice;
  return isOn ? chosen.filter((other) => other !== choice) : [...chosen, choice];
}

export const selectInput: FieldInput = {
  Input: SelectInput,
  isGroup: true,
  fromStored: (value, field) => (isMultiple(field) ? asList(value) : asText(value)),
  toSent: (value) => value,
  hint: (field) => (isMultiple(field) ? words().inputs.atMost(field.maxSelect ?? 1) : undefined),
};
