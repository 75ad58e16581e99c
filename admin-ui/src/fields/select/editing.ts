import type { Field } from "#api/types.ts";
import { type FieldEditing, read, unreadable } from "../field-editing.ts";
import { asList } from "../values.ts";
import { SelectEditor } from "./cell-editor.tsx";

export function isMultiple({ maxSelect }: Field): boolean {
  return (maxSelect ?? 1) > 1;
}

export const selectEditing: FieldEditing = {
  mode: "own",
  Editor: SelectEditor,
  toText: (value) => asList(value).join(", "),
  fromText: (text, field) => {
    const whole = choiceOf(text, field);
    if (whole !== undefined) return read(isMultiple(field) ? [whole] : whole);
    if (!isMultiple(field)) return unreadable("choice");
    const choices = text.split(/[,;\n]/).filter((part) => part.trim() !== "");
    const found = choices.map((part) => choiceOf(part, field));
    return found.every((choice) => choice !== undefined) ? read([...new Set(found)]) : unreadable("choice");
  },
  emptyValue: (field) => (isMultiple(field) ? [] : ""),
};

function choiceOf(text: string, { values = [] }: Field): string | undefined {
  const wanted = text.trim().toLowerCase();
  return values.find((choice) => choice === text.trim()) ?? values.find((choice) => choice.toLowerCase() === wanted);
}
