import { type FieldEditing, read, unreadable } from "../field-editing.ts";
import { JsonEditor } from "./cell-editor.tsx";

export const jsonEditing: FieldEditing = {
  mode: "own",
  Editor: JsonEditor,
  toText: (value) => {
    if (value === null || value === undefined) return "";
    return JSON.stringify(value);
  },
  fromText: (text) => {
    try {
      return read(JSON.parse(text));
    } catch {
      return unreadable("json");
    }
  },
  emptyValue: () => null,
};
