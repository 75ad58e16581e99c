import type { StoredRecord } from "#api/types.ts";
import type { FieldEditing, TextContext } from "../field-editing.ts";
import { recordName } from "../record-name.ts";
import { isMultiple } from "../select/editing.ts";
import { asList } from "../values.ts";
import { RelationEditor } from "./cell-editor.tsx";

export const relationEditing: FieldEditing = {
  mode: "own",
  Editor: RelationEditor,
  toText: (value, context) =>
    asList(value)
      .map((id) => nameOf(id, context))
      .join(", "),
  fromText: (text, field) => {
    const names = isMultiple(field) ? text.split(/[,;\n]/) : [text];
    return { status: "names", names: names.map((name) => name.trim()).filter((name) => name !== "") };
  },
  emptyValue: (field) => (isMultiple(field) ? [] : ""),
};

/** Its name if the record came along, else the id. */
function nameOf(id: string, { field, record, collections }: TextContext): string {
  const expanded = record.expand?.[field.name] ?? [];
  const others: StoredRecord[] = Array.isArray(expanded) ? expanded : [expanded];
  const other = others.find((candidate) => candidate.id === id);
  const target = collections.find((collection) => collection.id === field.collectionId);
  return other ? recordName(other, target?.fields ?? []) : id;
}
