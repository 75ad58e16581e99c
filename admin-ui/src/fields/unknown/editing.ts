import { type FieldEditing, unreadable } from "../field-editing.ts";
import { asText } from "../values.ts";

/** Ids, dates that set themselves, and types this dashboard does not know. */
export const readOnlyEditing: FieldEditing = {
  mode: "none",
  toText: asText,
  fromText: () => unreadable("readOnly"),
  emptyValue: () => undefined,
};
