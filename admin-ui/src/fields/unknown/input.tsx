import type { FieldInput, InputProps } from "../field-input.ts";
import { JsonDetail } from "../json/detail.tsx";

/** Values of a type that this dashboard does not know are shown and left alone. */
function UnknownInput({ field, value, record }: InputProps) {
  return record ? <JsonDetail field={field} value={value} record={record} /> : null;
}

export const unknownInput: FieldInput = {
  Input: UnknownInput,
  isGroup: true,
  fromStored: (value) => value,
  toSent: () => undefined,
};
