/**
 * Short messages near the corner: what was done, with a way to undo it, or what went wrong. They are announced to screen
 * readers and go away by themselves, but not while the pointer or the keyboard is on them. They stand above the bars at
 * the lower edge (footers with Save, the sums of a sheet, the tools of a selection), so that they cover no button there.
 */

import { Toast as Base } from "@base-ui/react/toast";
import { CircleAlert, CircleCheck, X } from "lucide-react";
import { words } from "#words/words.ts";

const SHOWN_FOR_MS = 6_000;
/** Long enough to read, think again and reach the button. */
const UNDO_FOR_MS = 15_000;

const manager = Base.createToastManager();

type Undo = () => void;

/**
 * Says that something was done. With `undo`, a button takes it back; `onOver` is called when it no longer can be. What
 * cannot be restored waits for that, and the message says so. Returns what takes the message away without `onOver`.
 */
export function toastDone(message: string, undo?: Undo, onOver?: () => void): () => void {
  let isUndone = false;
  const id = manager.add({
    title: message,
    description: onOver && words().common.untilClosed,
    type: "done",
    timeout: undo ? UNDO_FOR_MS : SHOWN_FOR_MS,
    onClose: () => {
      if (!isUndone) onOver?.();
    },
    actionProps: undo && {
      children: words().common.undo,
      onClick: () => {
        isUndone = true;
        manager.close(id);
        undo();
      },
    },
  });
  return () => {
    isUndone = true;
    manager.close(id);
  };
}

/** Says that something went wrong that no input of a form can show. Stays until it is dismissed. */
export function toastProblem(message: string): void {
  manager.add({ title: message, type: "problem", timeout: 0, priority: "high" });
}

/** Takes all messages away, as if their time were over. */
export function closeToasts(): void {
  manager.close();
}

/** Stands once, around everything. */
export function Toasts() {
  return (
    <Base.Provider toastManager={manager}>
      <Base.Portal>
        <Base.Viewport
          aria-label={words().common.notifications}
          className="fixed right-4 bottom-24 left-4 z-60 flex flex-col gap-2 outline-none sm:left-auto sm:w-96"
        >
          <List />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function List() {
  const { toasts } = Base.useToastManager();
  return toasts.map((toast) => (
    <Base.Root
      key={toast.id}
      toast={toast}
      className="rounded-xl border border-line bg-raised shadow-lg transition-opacity duration-200 data-limited:hidden data-ending-style:opacity-0 data-starting-style:opacity-0"
    >
      <Base.Content className="flex items-start gap-2.5 py-3 pr-2 pl-3.5 text-sm">
        {toast.type === "problem" ? (
          <CircleAlert className="mt-0.5 size-4 shrink-0 text-danger" aria-hidden />
        ) : (
          <CircleCheck className="mt-0.5 size-4 shrink-0 text-moss" aria-hidden />
        )}
        <div className="min-w-0 flex-1">
          <Base.Title className="break-words" />
          <Base.Description className="text-ink-soft" />
        </div>
        {/* The library hides buttons from screen readers until the pointer comes, for messages in a pile. These are a list. */}
        <Base.Action
          aria-hidden={false}
          className="shrink-0 rounded-md px-1.5 font-medium text-moss-strong underline decoration-moss/40 hover:decoration-current"
        />
        <Base.Close
          aria-hidden={false}
          aria-label={words().common.dismiss}
          className="flex size-5 shrink-0 items-center justify-center rounded-md text-ink-soft hover:text-ink"
        >
          <X className="size-4" aria-hidden />
        </Base.Close>
      </Base.Content>
    </Base.Root>
  ));
}
