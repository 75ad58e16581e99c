/** The panel's content for a record that can be changed, or made. */

import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import type { Collection, Field, StoredRecord } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { Notice } from "#ui/notice.tsx";
import { PanelContent } from "#ui/side-panel.tsx";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { type Draft, formValue, isChanged, isDirty } from "./draft.ts";
import { EditorFooter } from "./editor-footer.tsx";
import { FieldRow, type FieldState } from "./field-row.tsx";
import { IdLine } from "./id-line.tsx";
import { LeaveGuard } from "./leave-guard.tsx";
import { OwnId } from "./own-id.tsx";
import { PanelMenu } from "./panel-menu.tsx";
import { usePanelPlace } from "./panel-place.ts";
import { PersonTools } from "./person-tools.tsx";
import { onShortcut } from "./shortcuts.ts";
import { ShortcutsHelp } from "./shortcuts-help.tsx";
import { useRecordEditor } from "./use-record-editor.ts";
import { UsedBy } from "./used-by.tsx";

type RecordEditorProps = {
  collection: Collection;
  start: Draft;
  /** The stored record as it was last read. */
  fresh: StoredRecord | undefined;
  steps?: ReactNode;
  /** For a record that is made beside another one: takes the place of showing it in the address. */
  onCreated?: (record: StoredRecord) => void;
  /** Whether closing the panel would lose something. */
  mayLose?: RefObject<boolean>;
};

export function RecordEditor({ collection, start, fresh, steps, onCreated, mayLose: outer }: RecordEditorProps) {
  const { recordPanel } = words();
  const place = usePanelPlace();
  // The panel may be closed while a save is under way.
  const isOpen = useRef(true);
  isOpen.current = place.record !== undefined || place.create !== undefined;
  const editor = useRecordEditor(collection, start, fresh);
  const { draft, fields, errors, trouble } = editor;
  const { stored } = draft;
  const [isHelping, setHelping] = useState(false);
  const [isSavedNow, setSavedNow] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  // Read by the guard, which must know of a save before this is drawn again.
  const own = useRef(false);
  const mayLose = outer ?? own;
  mayLose.current = isDirty(draft);
  // The record was made here, and the address does not name it yet.
  const isMade = useRef(false);

  const first = fields.find(({ name }) => errors[name] !== undefined)?.name;
  const startsAt = useRef(stored ? undefined : fields[0]?.name);
  useEffect(() => focusField(body.current, startsAt.current), []);
  useEffect(() => {
    if (trouble !== null) focusField(body.current, first);
  }, [trouble, first]);

  /** `stays`: a new record is shown as a stored one afterwards. Gives whether nothing is left to save. */
  const save = async (stays = true): Promise<boolean> => {
    const isNew = stored === undefined;
    const saved = await editor.save();
    if (!saved) return false;
    const { record, isAll } = saved;
    if (isNew) toastDone(recordPanel.created(recordName(record, collection.fields)));
    isMade.current ||= isNew;
    // What was typed meanwhile is in this form alone.
    if (!isAll) return false;
    mayLose.current = false;
    setSavedNow(true);
    if (isMade.current && onCreated) onCreated(record);
    else if (isMade.current && stays && isOpen.current) place.adjust({ record: record.id, create: undefined });
    isMade.current = false;
    return true;
  };
  const change = (field: Field, value: unknown) => {
    setSavedNow(false);
    editor.change(field, value);
  };
  const onKeyDown = (event: KeyboardEvent) =>
    onShortcut(event, {
      save: () => save(),
      previous: () => clickStep(body.current, "previous"),
      next: () => clickStep(body.current, "next"),
      help: () => setHelping(true),
    });
  const title = stored ? recordName(stored, collection.fields) : recordPanel.newIn(collection.name);
  return (
    // The keys belong to everything inside, whichever part has the focus.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div ref={body} onKeyDown={onKeyDown} className="flex min-h-0 flex-1 flex-col">
      <PanelContent
        title={title}
        actions={
          <>
            {steps}
            {stored && (
              <PanelMenu
                collection={collection}
                record={stored}
                onHelp={() => setHelping(true)}
                onDelete={() => {
                  mayLose.current = false;
                }}
              />
            )}
          </>
        }
        footer={<EditorFooter editor={editor} isSavedNow={isSavedNow} onSave={() => save()} />}
      >
        {stored && <IdLine id={stored.id} />}
        {editor.isGone && stored && (
          <Notice tone="danger">
            {recordPanel.gone}{" "}
            <button type="button" className="font-medium underline" onClick={editor.keepAsNew}>
              {recordPanel.keepAsNew}
            </button>
          </Notice>
        )}
        <form noValidate onSubmit={(event) => event.preventDefault()} className="flex flex-col py-1">
          {fields.map((field) => (
            <FieldRow
              key={field.id}
              field={field}
              collection={collection}
              record={stored}
              value={formValue(draft, field)}
              state={stateOf(draft, field)}
              error={errors[field.name]}
              onChange={(value) => change(field, value)}
              onRevert={() => editor.revert(field)}
              form={{ valueOf: (other) => formValue(draft, other), change }}
            />
          ))}
          {!stored && <OwnId collection={collection} editor={editor} />}
        </form>
        {stored && collection.type === "auth" && <PersonTools collection={collection} record={stored} />}
        {stored && <UsedBy collection={collection} id={stored.id} />}
        <LeaveGuard mayLose={mayLose} onSave={() => save(false)} />
        <ShortcutsHelp isOpen={isHelping} onClose={() => setHelping(false)} />
      </PanelContent>
    </div>
  );
}

function stateOf(draft: Draft, field: Field): FieldState {
  if (draft.conflicts.has(field.name)) return "conflict";
  if (isChanged(draft, field)) return "changed";
  return draft.changedByOthers.has(field.name) ? "changed-by-others" : "untouched";
}

function focusField(body: HTMLElement | null, name: string | undefined) {
  if (name === undefined) return;
  const row = body?.querySelector(`[data-field="${CSS.escape(name)}"]`);
  row?.querySelector<HTMLElement>("input, textarea, select, button, [contenteditable]")?.focus();
}

/** The steps belong to the panel around this. */
function clickStep(body: HTMLElement | null, direction: string) {
  body?.querySelector<HTMLElement>(`[data-step="${direction}"]`)?.click();
}
