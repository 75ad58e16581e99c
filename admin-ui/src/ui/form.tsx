/** The shell of every form: its inputs, one message for what is wrong with the whole, one button. */

import type { FormEventHandler, ReactNode } from "react";
import { words } from "#words/words.ts";
import { Button } from "./button.tsx";
import { Notice } from "./notice.tsx";

type FormProps = {
  submitLabel: string;
  isSending: boolean;
  error?: string;
  onSubmit: FormEventHandler;
  children: ReactNode;
};

export function Form({ submitLabel, isSending, error, onSubmit, children }: FormProps) {
  return (
    <form onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
      {children}
      {error && <Notice tone="danger">{error}</Notice>}
      <Button type="submit" look="primary" disabled={isSending} className="mt-1 h-10">
        {isSending ? words().common.oneMoment : submitLabel}
      </Button>
    </form>
  );
}
