/** Asks before a screen with unsaved changes is left. */

import { words } from "#words/words.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

type UnsavedQuestionProps = { onLeave: () => void; onStay: () => void };

type UnsavedDialogProps = UnsavedQuestionProps & { isOpen: boolean };

export function UnsavedDialog({ isOpen, onLeave, onStay }: UnsavedDialogProps) {
  return (
    <Dialog isOpen={isOpen} title={words().common.unsavedTitle} onClose={onStay}>
      <UnsavedQuestion onLeave={onLeave} onStay={onStay} />
    </Dialog>
  );
}

/** What the router's `useBlocker` answers a screen that asks for a resolver. */
type Blocker = { status: "blocked" | "idle"; proceed?: (() => void) | undefined; reset?: (() => void) | undefined };

export function LeaveDialog({ blocker }: { blocker: Blocker }) {
  return (
    <UnsavedDialog
      isOpen={blocker.status === "blocked"}
      onLeave={() => blocker.proceed?.()}
      onStay={() => blocker.reset?.()}
    />
  );
}

/** Without the dialog and its title. */
export function UnsavedQuestion({ onLeave, onStay }: UnsavedQuestionProps) {
  const common = words().common;
  return (
    <>
      <p className="text-ink-soft">{common.unsavedLead}</p>
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={onLeave}>{common.leave}</Button>
        <Button look="primary" onClick={onStay}>
          {common.stay}
        </Button>
      </div>
    </>
  );
}
