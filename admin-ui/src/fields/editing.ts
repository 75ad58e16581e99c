/** How each type of field is changed in a grid, by the name the server gives it. A new type is a folder and a line here. */

import type { Field } from "#api/types.ts";
import { boolEditing } from "./bool/editing.ts";
import { dateEditing } from "./date/editing.ts";
import { editorEditing } from "./editor/editing.ts";
import type { FieldEditing, Reading } from "./field-editing.ts";
import { fileEditing } from "./file/editing.ts";
import { geoPointEditing } from "./geo-point/editing.ts";
import { jsonEditing } from "./json/editing.ts";
import { numberEditing } from "./number/editing.ts";
import { relationEditing } from "./relation/editing.ts";
import { selectEditing } from "./select/editing.ts";
import { lineEditing, textEditing } from "./text/editing.ts";
import { readOnlyEditing } from "./unknown/editing.ts";

const EDITING: Record<string, FieldEditing> = {
  text: textEditing,
  editor: editorEditing,
  number: numberEditing,
  bool: boolEditing,
  email: lineEditing,
  url: lineEditing,
  date: dateEditing,
  select: selectEditing,
  relation: relationEditing,
  file: fileEditing,
  json: jsonEditing,
  geoPoint: geoPointEditing,
};

export function editingOf(field: Field): FieldEditing {
  if (field.primaryKey) return readOnlyEditing;
  return EDITING[field.type] ?? readOnlyEditing;
}

/** Can it be typed into a cell, or pasted there? */
export function isTypable(field: Field): boolean {
  const { mode } = editingOf(field);
  return mode !== "none" && mode !== "panel";
}

export function readText(text: string, field: Field): Reading {
  const editing = editingOf(field);
  const isEmpty = text.trim() === "" && isTypable(field);
  return isEmpty ? { status: "read", value: editing.emptyValue(field) } : editing.fromText(text, field);
}
