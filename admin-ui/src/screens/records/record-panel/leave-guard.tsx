/** Asks before unsaved changes are left behind: by closing, stepping on, a link, the back button, closing the tab. */

import { useBlocker } from "@tanstack/react-router";
import { type RefObject, useState } from "react";
import { Button } from "#ui/button.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { words } from "#words/words.ts";

type LeaveGuardProps = {
  mayLose: RefObject<boolean>;
  onSave: () => Promise<boolean>;
};

/** What of the address is about the panel. The rest may change under it. */
type PanelPlace = { record?: string; create?: string };

export function LeaveGuard({ mayLose, onSave }: LeaveGuardProps) {
  const [isSaving, setSaving] = useState(false);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => {
      const [from, to]: PanelPlace[] = [current.search, next.search];
      const isSame = current.pathname === next.pathname && from?.record === to?.record && from?.create === to?.create;
      return mayLose.current && !isSame;
    },
    enableBeforeUnload: () => mayLose.current,
    withResolver: true,
  });
  const saveAndLeave = async () => {
    setSaving(true);
    const isSaved = await onSave();
    setSaving(false);
    if (isSaved) blocker.proceed?.();
    else blocker.reset?.();
  };
  const { common, recordPanel } = words();
  return (
    <Dialog isOpen={blocker.status === "blocked"} title={common.unsavedTitle} onClose={() => blocker.reset?.()}>
      <p className="text-ink-soft">{common.unsavedLead}</p>
      <div className="mt-4 flex flex-col-reverse gap-2">
        <Button onClick={() => blocker.reset?.()}>{common.stay}</Button>
        <Button onClick={() => blocker.proceed?.()}>{common.leave}</Button>
        <Button look="primary" disabled={isSaving} onClick={saveAndLeave}>
          {isSaving ? common.saving : recordPanel.saveAndLeave}
        </Button>
      </div>
    </Dialog>
  );
}
