import { type FieldEditing, read } from "../field-editing.ts";
import { asText } from "../values.ts";
import { LongTextEditor } from "./cell-editor.tsx";
import { fromPlainText, plainTextOf } from "./plain-text.ts";

export const editorEditing: FieldEditing = {
  mode: "own",
  Editor: LongTextEditor,
  toText: (value) => plainTextOf(asText(value)).text,
  fromText: (text) => read(fromPlainText(text)),
  emptyValue: () => "",
};
