import { type FieldEditing, unreadable } from "../field-editing.ts";
import { asList } from "../values.ts";

/** Files are added by dropping them into the record's panel. */
export const fileEditing: FieldEditing = {
  mode: "panel",
  toText: (value) => asList(value).join(", "),
  fromText: () => unreadable("file"),
  emptyValue: () => undefined,
};
