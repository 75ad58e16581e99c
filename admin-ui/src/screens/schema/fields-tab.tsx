/** The fields of a collection, in order. */

import { Plus } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Field } from "#api/types.ts";
import { optionsOf } from "#fields/options.ts";
import { Button } from "#ui/button.tsx";
import { Disclosure } from "#ui/disclosure.tsx";
import { useRowDrag } from "#ui/use-row-drag.ts";
import { words } from "#words/words.ts";
import { AddField } from "./add-field.tsx";
import {
  addField,
  type DraftField,
  freeName,
  keptFields,
  moveField,
  newFieldId,
  removeField,
  restoreField,
} from "./draft.ts";
import { FieldRow } from "./field-row.tsx";
import { isUnique } from "./unique.ts";
import type { Editor } from "./use-editor.ts";

/** `startName`: the field that is open and in sight at the beginning. */
export function FieldsTab({ editor, startName }: { editor: Editor; startName?: string }) {
  const say = words().schema;
  const { draft, change } = editor;
  const [start] = useState(() => draft.fields.find(({ field }) => field.name === startName));
  const [openKey, setOpenKey] = useState<string | null>(start?.key ?? null);
  const [isAdding, setAdding] = useState(false);
  const [spoken, setSpoken] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const own = draft.fields.filter(({ field }) => !field.system);
  const builtIn = draft.fields.filter(({ field }) => field.system);

  useEffect(() => {
    if (!start) return;
    const row = list.current?.querySelector<HTMLElement>(`[data-drag-row="${CSS.escape(start.key)}"]`);
    row?.scrollIntoView({ block: "center" });
    const input = row?.querySelector<HTMLElement>("[data-field-name]") ?? row?.querySelector<HTMLElement>("button");
    input?.focus({ preventScroll: true });
  }, [start]);

  /** Moves among the fields of one's own; the built-in ones keep their places. */
  const moveTo = (item: DraftField, target: DraftField | undefined) => {
    if (!target || target === item) return;
    const to = draft.fields.indexOf(target);
    change((before) => moveField(before, item.key, to));
    setSpoken(say.moved(item.field.name, own.indexOf(target) + 1, own.length));
  };
  const drag = useRowDrag((dragged, target) => {
    const item = own.find(({ key }) => key === dragged);
    if (item)
      moveTo(
        item,
        own.find(({ key }) => key === target),
      );
  });
  const add = (field: Field) => {
    change((before) => addField(before, field));
    setAdding(false);
    setOpenKey(field.id);
    // The row is there after the next frame.
    requestAnimationFrame(() => {
      const input = list.current?.querySelector<HTMLInputElement>(`[data-field-name="${CSS.escape(field.id)}"]`);
      input?.focus();
      input?.select();
    });
  };
  const names = keptFields(draft).map(({ field }) => field.name);
  const addOfType = (type: string) => add(newField(type, freeName(names, "field")));
  const duplicate = ({ field }: DraftField) =>
    add({ ...field, id: newFieldId(field.type), name: freeName(names, `${field.name}_copy`) });

  const row = (item: DraftField) => (
    <FieldRow
      key={item.key}
      editor={editor}
      item={item}
      isOpen={openKey === item.key}
      isUnique={isUnique(draft, item.field.name)}
      isDragged={drag.draggedKey === item.key}
      onToggle={() => setOpenKey(openKey === item.key ? null : item.key)}
      onMove={(by) => moveTo(item, own[own.indexOf(item) + by])}
      onDragStart={(event) => drag.start(event, item.key)}
      onRemove={() => change((before) => removeField(before, item.key))}
      onRestore={() => change((before) => restoreField(before, item.key))}
      onDuplicate={() => duplicate(item)}
    />
  );
  const builtInErrors = builtIn.some(({ key }) => Object.keys(editor.errorsOf(`fields.${key}`)).length > 0);
  return (
    <div ref={list} className="flex flex-col gap-3">
      <p className="text-sm text-ink-soft">{say.fieldsLead}</p>
      {own.length === 0 && <p className="py-2 text-ink-soft">{say.noFields}</p>}
      <ul className="flex flex-col gap-2">{own.map(row)}</ul>
      {isAdding ? (
        <AddField onChoose={addOfType} onCancel={() => setAdding(false)} />
      ) : (
        <div>
          <Button icon={Plus} onClick={() => setAdding(true)}>
            {say.addField}
          </Button>
        </div>
      )}
      <div className="mt-2">
        <Disclosure label={say.builtInFields(builtIn.length)} isOpen={builtInErrors || start?.field.system === true}>
          <ul className="flex flex-col gap-2">{builtIn.map(row)}</ul>
        </Disclosure>
      </div>
      <p role="status" className="sr-only">
        {spoken}
      </p>
    </div>
  );
}

function newField(type: string, name: string): Field {
  return {
    id: newFieldId(type),
    name,
    type,
    system: false,
    hidden: false,
    presentable: false,
    required: false,
    help: "",
    ...optionsOf(type).defaults,
  };
}
