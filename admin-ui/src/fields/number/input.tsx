/** A number, shown and typed as the person's language writes it, and read as in a cell of the sheet. */

import { losesDigits, readNumber, writeNumber } from "#lib/grid/read-number.ts";
import { locale } from "#lib/locale.ts";
import { words } from "#words/words.ts";
import { boxClass, type FieldInput, type InputProps } from "../field-input.ts";
import { asText } from "../values.ts";

function NumberInput({ value, onChange, id, describedBy, isInvalid }: InputProps) {
  return (
    <input
      id={id}
      type="text"
      inputMode="decimal"
      autoComplete="off"
      value={asText(value)}
      aria-describedby={describedBy}
      aria-invalid={isInvalid || undefined}
      onChange={(event) => onChange(event.target.value)}
      className={`${boxClass(isInvalid)} h-10 max-w-60 tabular-nums`}
    />
  );
}

export const numberInput: FieldInput = {
  Input: NumberInput,
  fromStored: (value) => (typeof value === "number" ? writeNumber(value, locale()) : ""),
  // The server keeps "no number" as 0.
  toSent: (value) => readNumber(asText(value), locale()) ?? 0,
  problem: (value, field) => {
    const text = asText(value).trim();
    if (text === "") return undefined;
    const number = readNumber(text, locale());
    if (number === null) return words().inputs.noNumber;
    if (losesDigits(text, locale())) return words().inputs.jsonInexact(text, String(number));
    return field.onlyInt && !Number.isInteger(number) ? words().inputs.wholeNumbersOnly : undefined;
  },
  hint: ({ min, max, onlyInt, required }, value) => {
    const { inputs } = words();
    const [low, high] = [typeof min === "number" ? min : undefined, typeof max === "number" ? max : undefined];
    const range =
      low !== undefined && high !== undefined
        ? inputs.between(low, high)
        : low !== undefined
          ? inputs.from(low)
          : high !== undefined
            ? inputs.to(high)
            : "";
    // The server has no empty numbers. Without a word, 0 would appear where nothing was typed.
    const empty = asText(value).trim() === "" && !required ? inputs.emptyIsZero : "";
    return [onlyInt ? inputs.wholeNumber : "", range, empty].filter(Boolean).join(" ") || undefined;
  },
};
