import { words } from "#words/words.ts";
import { boxClass, type FieldInput, type InputProps } from "../field-input.ts";
import { asText } from "../values.ts";

function EmailInput({ value, onChange, id, describedBy, isInvalid }: InputProps) {
  return (
    <input
      id={id}
      type="email"
      inputMode="email"
      autoComplete="off"
      spellCheck={false}
      value={asText(value)}
      aria-describedby={describedBy}
      aria-invalid={isInvalid || undefined}
      onChange={(event) => onChange(event.target.value)}
      className={`${boxClass(isInvalid)} h-10`}
    />
  );
}

export const emailInput: FieldInput = {
  Input: EmailInput,
  fromStored: asText,
  toSent: (value) => asText(value).trim(),
  hint: ({ onlyDomains, exceptDomains }) => {
    if (onlyDomains?.length) return words().inputs.onlyDomains(onlyDomains.join(", "));
    return exceptDomains?.length ? words().inputs.exceptDomains(exceptDomains.join(", ")) : undefined;
  },
};
