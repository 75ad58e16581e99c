/** A box for long texts below a cell. Ctrl+Enter keeps the text, and so does leaving it. */

import { type KeyboardEvent, type ReactNode, useState } from "react";
import { words } from "#words/words.ts";
import { CellPopover } from "./cell-popover.tsx";

type TextAreaPopoverProps = {
  label: string;
  /** As it is stored. */
  text: string;
  /** What the box begins with, if that is something else. */
  typed?: string | null;
  isCode?: boolean;
  /** Below the box: what is wrong with it, and buttons. */
  below?: (draft: string) => ReactNode;
  onSave: (text: string) => void;
  onCancel: () => void;
};

export function TextAreaPopover({ label, text, typed, isCode, below, onSave, onCancel }: TextAreaPopoverProps) {
  const [draft, setDraft] = useState(typed ?? text);
  const leave = () => (draft === text ? onCancel() : onSave(draft));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    leave();
  };
  return (
    <CellPopover label={label} onLeave={leave} onCancel={onCancel}>
      <textarea
        aria-label={label}
        value={draft}
        spellCheck={!isCode}
        rows={6}
        onFocus={(event) => event.target.setSelectionRange(draft.length, draft.length)}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
        className={`block w-96 max-w-full resize rounded-lg border border-line bg-surface p-2.5 text-sm leading-6 focus-visible:outline-offset-0 ${isCode ? "font-mono text-[13px]" : ""}`}
      />
      <div className="mt-1.5 flex items-center justify-between gap-3 text-xs text-ink-soft">
        <span role="status" className="min-w-0">
          {below?.(draft)}
        </span>
        <span className="shrink-0">{words().grid.ctrlEnterSaves}</span>
      </div>
    </CellPopover>
  );
}
