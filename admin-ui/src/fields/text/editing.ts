import { type FieldEditing, read } from "../field-editing.ts";
import { asText } from "../values.ts";

export const textEditing: FieldEditing = {
  mode: "line",
  toText: asText,
  fromText: read,
  emptyValue: () => "",
};

/** Addresses: blanks around them come from copying. */
export const lineEditing: FieldEditing = { ...textEditing, fromText: (text) => read(text.trim()) };
