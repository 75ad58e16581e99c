/** A dialog in the middle of the screen, and the question before something is lost. */

import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { classNames } from "#lib/class-names.ts";
import { words } from "#words/words.ts";
import { Button, IconButton } from "./button.tsx";
import { Notice } from "./notice.tsx";
import { TextField } from "./text-field.tsx";

type DialogProps = {
  isOpen: boolean;
  title: string;
  isWide?: boolean;
  onClose: () => void;
  children: ReactNode;
};

export function Dialog({ isOpen, title, isWide = false, onClose, children }: DialogProps) {
  return (
    <Base.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        {/* Also over another dialog, which has a backdrop of its own below. */}
        <Base.Backdrop
          forceRender
          className="fixed inset-0 z-50 bg-black/30 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0 dark:bg-black/55"
        />
        <Base.Popup
          className={classNames(
            "fixed top-1/2 left-1/2 z-50 flex max-h-[90dvh] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 flex-col rounded-2xl border border-line bg-surface shadow-2xl outline-none transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0",
            isWide ? "max-w-3xl" : "max-w-md",
          )}
        >
          <header className="flex items-center gap-2 py-3 pr-3 pl-5">
            <Base.Title className="min-w-0 flex-1 truncate text-lg font-semibold tracking-tight">{title}</Base.Title>
            <Base.Close render={<IconButton label={words().common.close} icon={X} />} />
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

type ConfirmDialogProps = {
  isOpen: boolean;
  title: string;
  /** What will be lost, by name and number. */
  lead: ReactNode;
  confirmLabel: string;
  /** Must be typed first, for what cannot be undone. */
  typedText?: string;
  isSending?: boolean;
  error?: string;
  onConfirm: () => void;
  onClose: () => void;
};

export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Dialog isOpen={props.isOpen} title={props.title} onClose={props.onClose}>
      <Confirmation {...props} />
    </Dialog>
  );
}

/** Mounted with the dialog, so that what was typed is gone when it closes. */
function Confirmation({ lead, confirmLabel, typedText, isSending, error, onConfirm, onClose }: ConfirmDialogProps) {
  const [typed, setTyped] = useState("");
  const isReady = typedText === undefined || typed.trim() === typedText;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady && !isSending) onConfirm();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <div className="text-ink-soft">{lead}</div>
      {typedText !== undefined && (
        <TextField
          label={words().common.typeToConfirm(typedText)}
          value={typed}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      {error && <Notice tone="danger">{error}</Notice>}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{words().common.cancel}</Button>
        <Button type="submit" look="danger" disabled={!isReady || isSending}>
          {isSending ? words().common.oneMoment : confirmLabel}
        </Button>
      </div>
    </form>
  );
}
