/** A line of text, or a box that grows with it where line breaks are likely. */

import { words } from "#words/words.ts";
import { boxClass, type FieldInput, type InputProps, limitOf } from "../field-input.ts";
import { asText } from "../values.ts";

/** Texts with a lower limit are names, codes, titles. */
const LONG_TEXT = 200;
const NAMES =
  /^(?:name|title|label|subject|slug|code|username|phone|city|street|zip|sku)$|_?(?:name|title|code|phone)$/i;
/** The counter appears when this share of the limit is used. */
const NEARLY_FULL = 0.8;

function TextInput({ field, value, onChange, id, describedBy, isInvalid, record }: InputProps) {
  const text = asText(value);
  const props = {
    id,
    value: text,
    "aria-describedby": describedBy,
    "aria-invalid": isInvalid || undefined,
    "aria-required": field.required || undefined,
    placeholder: !record && field.autogeneratePattern ? words().inputs.madeUp : undefined,
  };
  const isLong = isLongText(field) || text.includes("\n");
  return (
    <>
      {isLong ? (
        <textarea
          {...props}
          rows={2}
          onChange={(event) => onChange(event.target.value)}
          className={`${boxClass(isInvalid)} block field-sizing-content max-h-96 min-h-10 py-2 leading-6`}
        />
      ) : (
        <input
          {...props}
          type="text"
          autoComplete="off"
          onChange={(event) => onChange(event.target.value)}
          className={`${boxClass(isInvalid)} h-10`}
        />
      )}
      <Counter length={[...text].length} max={limitOf(field.max)} />
    </>
  );
}

function Counter({ length, max }: { length: number; max: number | undefined }) {
  if (max === undefined || length < max * NEARLY_FULL) return null;
  const isOver = length > max;
  return (
    <p role="status" className={`mt-1 text-right text-xs tabular-nums ${isOver ? "text-danger" : "text-ink-soft"}`}>
      {words().inputs.ofLength(length, max)}
    </p>
  );
}

function isLongText(field: InputProps["field"]): boolean {
  const max = limitOf(field.max) ?? Number.POSITIVE_INFINITY;
  return max > LONG_TEXT && !field.pattern && !field.presentable && !field.primaryKey && !NAMES.test(field.name);
}

export const textInput: FieldInput = {
  Input: TextInput,
  fromStored: asText,
  toSent: asText,
  hint: (field) => {
    const { inputs } = words();
    const [min, max] = [limitOf(field.min), limitOf(field.max)];
    const length =
      min && max ? inputs.lengthBetween(min, max) : min ? inputs.lengthFrom(min) : max ? inputs.lengthTo(max) : "";
    const pattern = field.pattern ? inputs.fitsPattern(field.pattern) : "";
    return [length, pattern].filter(Boolean).join(" ") || undefined;
  },
};
