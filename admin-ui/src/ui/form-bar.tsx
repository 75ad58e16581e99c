/** The bar below a form: what its state is, and the button that saves it. */

import type { ReactNode } from "react";
import { words } from "#words/words.ts";
import { Button } from "./button.tsx";

type FormBarProps = {
  /** Why the last attempt was refused. It is shown in place of `note`. */
  problem?: string | null | undefined;
  note?: string;
  saveLabel?: string;
  isSaving: boolean;
  /** It is inside the page, and stays in sight at its end. */
  isSticky?: boolean;
  onSave: () => void;
  /** More buttons, before the one that saves. */
  children?: ReactNode;
};

export function FormBar({ problem, note, saveLabel, isSaving, isSticky = false, onSave, children }: FormBarProps) {
  const common = words().common;
  const place = isSticky ? "sticky bottom-0 z-10 -mx-4 mt-5 sm:mx-0 sm:rounded-b-2xl" : "";
  return (
    <div className={`border-t border-line bg-surface ${place}`}>
      {/* As wide as the page above it. */}
      <div
        className={`mx-auto flex max-w-4xl flex-wrap items-center justify-end gap-3 px-4 py-3 ${isSticky ? "" : "sm:px-8"}`}
      >
        <p role="status" className={`mr-auto text-sm ${problem ? "text-danger" : "text-ink-soft"}`}>
          {problem || note}
        </p>
        {children}
        <Button look="primary" disabled={isSaving} onClick={onSave}>
          {isSaving ? common.saving : (saveLabel ?? common.save)}
        </Button>
      </div>
    </div>
  );
}
