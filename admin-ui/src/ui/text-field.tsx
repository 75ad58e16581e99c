/** A labelled input with its hint and its error, tied together for screen readers. */

import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, useId, useState } from "react";
import { classNames } from "#lib/class-names.ts";

type TextFieldProps = ComponentProps<"input"> & { label: string; hint?: string; error?: string };

const INPUT =
  "h-10 w-full rounded-lg border bg-raised px-3 text-ink placeholder:text-ink-soft/80 shadow-xs focus-visible:outline-offset-0";

export function TextField({ label, hint, error, className, ...rest }: TextFieldProps) {
  const id = useId();
  const describedBy = error || hint ? `${id}-note` : undefined;
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <input
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy}
        className={classNames(INPUT, error ? "border-danger" : "border-line-strong", className)}
        {...rest}
      />
      {(error || hint) && (
        <p id={describedBy} className={classNames("text-sm", error ? "text-danger" : "text-ink-soft")}>
          {error || hint}
        </p>
      )}
    </div>
  );
}

/** A password that can be looked at: typing blind costs more accounts than looking over shoulders does. */
export function PasswordField(props: Omit<TextFieldProps, "type">) {
  const [isShown, setShown] = useState(false);
  const Icon = isShown ? EyeOff : Eye;
  return (
    <div className="relative">
      <TextField {...props} type={isShown ? "text" : "password"} className="pr-11" />
      <button
        type="button"
        aria-label={isShown ? "Hide password" : "Show password"}
        onClick={() => setShown(!isShown)}
        className="absolute top-7.5 right-1 flex size-9 items-center justify-center rounded-md text-ink-soft hover:text-ink"
      >
        <Icon className="size-4.5" aria-hidden />
      </button>
    </div>
  );
}
