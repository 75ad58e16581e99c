import { readDate, writeDate } from "#lib/grid/read-date.ts";
import { locale } from "#lib/locale.ts";
import { type FieldEditing, read, unreadable } from "../field-editing.ts";
import { asText } from "../values.ts";
import { DateEditor } from "./cell-editor.tsx";

export const dateEditing: FieldEditing = {
  mode: "own",
  Editor: DateEditor,
  toText: (value) => writeDate(asText(value)),
  fromText: (text) => {
    const date = readDate(text, locale());
    return date === null ? unreadable("date") : read(date);
  },
  emptyValue: () => "",
};
