/** What is unsaved, how far the upload is, and the button that saves. */

import { Check, CircleAlert } from "lucide-react";
import { Button } from "#ui/button.tsx";
import { words } from "#words/words.ts";
import { isDirty } from "./draft.ts";
import { keyNames } from "./shortcuts.ts";
import type { RecordEditor } from "./use-record-editor.ts";

type EditorFooterProps = { editor: RecordEditor; isSavedNow: boolean; onSave: () => void };

export function EditorFooter({ editor, isSavedNow, onSave }: EditorFooterProps) {
  const { recordPanel, common } = words();
  const { draft, saving, trouble } = editor;
  const isNew = draft.stored === undefined;
  const dirty = isDirty(draft);
  return (
    <div className="flex flex-col gap-2.5">
      {trouble && (
        <p role="alert" className="flex gap-2 text-sm text-danger">
          <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
          <span className="min-w-0 break-words">{trouble}</span>
        </p>
      )}
      {saving.progress !== null && saving.progress < 1 && <Progress share={saving.progress} />}
      <div className="flex items-center gap-2">
        <p role="status" className="flex min-w-0 flex-1 items-center gap-1.5 truncate text-sm text-ink-soft">
          {saving.isSaving && common.saving}
          {!saving.isSaving && !dirty && isSavedNow && (
            <>
              <Check className="size-4 text-moss-strong" aria-hidden />
              {common.saved}
            </>
          )}
          {!saving.isSaving && !dirty && !isSavedNow && !isNew && recordPanel.noChanges}
          {!saving.isSaving && dirty && !isNew && recordPanel.changes(Object.keys(draft.typed).length)}
        </p>
        {dirty && !isNew && (
          <Button look="quiet" disabled={saving.isSaving} onClick={editor.revertAll}>
            {recordPanel.revertAll}
          </Button>
        )}
        <Button
          look="primary"
          // Kept reachable, so that the keyboard's place is not lost when there is nothing more to save.
          aria-disabled={saving.isSaving || (!dirty && !isNew) || undefined}
          className="aria-disabled:cursor-not-allowed aria-disabled:opacity-55"
          title={dirty || isNew ? keyNames().save : recordPanel.noChanges}
          onClick={() => (dirty || isNew) && onSave()}
        >
          {isNew ? recordPanel.create : common.save}
        </Button>
      </div>
    </div>
  );
}

function Progress({ share }: { share: number }) {
  const percent = Math.round(share * 100);
  return (
    <div
      role="progressbar"
      aria-label={words().recordPanel.uploading}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      className="h-1.5 overflow-hidden rounded-full bg-line"
    >
      <div className="h-full bg-moss transition-[width]" style={{ width: `${percent}%` }} />
    </div>
  );
}
