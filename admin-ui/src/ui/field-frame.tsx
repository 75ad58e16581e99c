/** What all inputs of a form share: a label, a hint, an error, and the ids that tie them together. */

import { type ReactNode, useId } from "react";
import { classNames } from "#lib/class-names.ts";

export const INPUT_LOOK =
  "w-full rounded-lg border bg-raised px-3 text-ink placeholder:text-ink-soft/80 shadow-xs focus-visible:outline-offset-0 disabled:bg-sunken disabled:text-ink-soft";

export function inputBorder(error: string | undefined): string {
  return error ? "border-danger" : "border-line-strong";
}

/** To be spread on the input itself. */
type InputAttributes = { id: string; "aria-invalid": true | undefined; "aria-describedby": string | undefined };

type FieldFrameProps = {
  label: ReactNode;
  hint?: ReactNode;
  error?: string;
  /** Stands at the right of the label: a counter, a button. */
  aside?: ReactNode;
  className?: string;
  children: (attributes: InputAttributes) => ReactNode;
};

export function FieldFrame({ label, hint, error, aside, className, children }: FieldFrameProps) {
  const id = useId();
  const note = error || hint;
  const attributes: InputAttributes = {
    id,
    "aria-invalid": error ? true : undefined,
    "aria-describedby": note ? `${id}-note` : undefined,
  };
  return (
    <div className={classNames("flex min-w-0 flex-col gap-1.5", className)}>
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {aside}
      </div>
      {children(attributes)}
      {note && (
        <p id={`${id}-note`} className={classNames("text-sm", error ? "text-danger" : "text-ink-soft")}>
          {note}
        </p>
      )}
    </div>
  );
}
