/** Asks before a screen with unsaved changes is left. The screen brings the router's `useBlocker`. */

import { words } from "#words/words.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

type UnsavedDialogProps = { isOpen: boolean; onLeave: () => void; onStay: () => void };

export function UnsavedDialog({ isOpen, onLeave, onStay }: UnsavedDialogProps) {
  const common = words().common;
  return (
    <Dialog isOpen={isOpen} title={common.unsavedTitle} onClose={onStay}>
      <p className="text-ink-soft">{common.unsavedLead}</p>
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={onLeave}>{common.leave}</Button>
        <Button look="primary" onClick={onStay}>
          {common.stay}
        </Button>
      </div>
    </Dialog>
  );
}
