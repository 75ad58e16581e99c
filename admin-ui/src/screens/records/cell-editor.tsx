/** The editor of the cell that is being typed into, by the type of its field. */

import type { Field, StoredRecord } from "#api/types.ts";
import { editingOf } from "#fields/editing.ts";
import { LineEditor } from "#fields/line-editor.tsx";
import { kindOf } from "#fields/registry.ts";
import { Unread } from "#lib/grid/unsaved.ts";
import { words } from "#words/words.ts";
import type { CellCalls } from "./cell-calls.ts";

type CellEditorProps = {
  field: Field;
  record: StoredRecord;
  value: unknown;
  typed: string | null;
  calls: CellCalls;
};

export function CellEditor({ field, record, value, typed, calls }: CellEditorProps) {
  const editing = editingOf(field);
  const isUnread = value instanceof Unread;
  const props = {
    field,
    record,
    value: isUnread || value === undefined ? editing.emptyValue(field) : value,
    text: isUnread ? value.text : textOf(field, record, value),
    typed,
    label: words().grid.valueOf(field.name),
    onText: calls.onText,
    onValue: calls.onValue,
    onCancel: calls.onCancel,
    onOpenRecord: () => calls.onOpenRecord(record.id),
  };
  if (editing.Editor) return <editing.Editor {...props} />;
  return <LineEditor {...props} isRightAligned={kindOf(field).isRightAligned} />;
}

/** A number of 0 in a new row was not typed by anybody. */
function textOf(field: Field, record: StoredRecord, value: unknown): string {
  return value === undefined ? "" : editingOf(field).toText(value, { field, record, collections: [] });
}
