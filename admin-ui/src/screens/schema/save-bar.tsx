/** The bar below the editor: whether everything is saved, and the way there. */

import { useBlocker } from "@tanstack/react-router";
import { ListChecks } from "lucide-react";
import { useState } from "react";
import type { SchemaPreview } from "#api/schema.ts";
import type { Collection } from "#api/types.ts";
import { Button } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { words } from "#words/words.ts";
import { needsReview } from "./review.ts";
import { ReviewDialog } from "./review-dialog.tsx";
import type { Editor } from "./use-editor.ts";

type SaveBarProps = { editor: Editor; onSaved: (saved: Collection) => void; onRefused: () => void };

export function SaveBar({ editor, onSaved, onRefused }: SaveBarProps) {
  const say = words().schema;
  const { draft, isChanged, isSaving, isLooking } = editor;
  /** What the dialog shows while it is open. */
  const [review, setReview] = useState<SchemaPreview>();
  // An untouched new collection is nothing to lose.
  const isGuarded = isChanged && (draft.stored !== undefined || draft.collection.name !== "");

  const saveNow = async () => {
    const saved = await editor.save();
    setReview(undefined);
    if (saved) onSaved(saved);
    else onRefused();
  };
  const look = async (isSaveWanted: boolean) => {
    const preview = await editor.preview();
    // The editor shows why.
    if (!preview) onRefused();
    else if (isSaveWanted && !needsReview(preview)) await saveNow();
    else setReview(preview);
  };
  return (
    <footer className="border-t border-line bg-surface">
      <div className="mx-auto flex w-full max-w-4xl flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5 sm:px-8">
        <p role="status" className="min-w-0 flex-1 text-sm">
          {editor.problem ? (
            <span className="text-danger">{editor.problem}</span>
          ) : (
            <span className="text-ink-soft">{statusText(isLooking, isSaving, isGuarded)}</span>
          )}
        </p>
        {isChanged && draft.stored && (
          <>
            <Button look="quiet" onClick={editor.discard} disabled={isSaving}>
              {say.discard}
            </Button>
            <Button icon={ListChecks} onClick={() => look(false)} disabled={isSaving || isLooking}>
              {say.review}
            </Button>
          </>
        )}
        <Button look="primary" disabled={!isChanged || isSaving || isLooking} onClick={() => look(true)}>
          {draft.stored ? words().common.save : say.create}
        </Button>
      </div>
      {review && (
        <ReviewDialog
          draft={draft}
          preview={review}
          isSaving={isSaving}
          onSave={saveNow}
          onClose={() => setReview(undefined)}
        />
      )}
      <LeaveGuard isOn={isGuarded && !isSaving} />
    </footer>
  );
}

function statusText(isLooking: boolean, isSaving: boolean, isUnsaved: boolean): string {
  const say = words().schema;
  if (isSaving) return words().common.saving;
  if (isLooking) return say.isLooking;
  return isUnsaved ? say.unsaved : "";
}

/** Asks before unsaved changes are left behind: inside the dashboard with a dialog, else as the browser does. */
function LeaveGuard({ isOn }: { isOn: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isOn && current.pathname !== next.pathname,
    enableBeforeUnload: isOn,
    withResolver: true,
  });
  return (
    <ConfirmDialog
      isOpen={blocker.status === "blocked"}
      title={words().common.unsavedTitle}
      lead={words().common.unsavedLead}
      confirmLabel={words().common.leave}
      onConfirm={() => blocker.proceed?.()}
      onClose={() => blocker.reset?.()}
    />
  );
}
