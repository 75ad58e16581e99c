/** Something that is on or off. */

import { type ComponentProps, type ReactNode, useId } from "react";
import { classNames } from "#lib/class-names.ts";

type SwitchFieldProps = {
  label: ReactNode;
  hint?: ReactNode;
  isOn: boolean;
  /** Why it cannot be changed. */
  disabledReason?: string;
  onChange: (isOn: boolean) => void;
};

export function SwitchField({ label, hint, isOn, disabledReason, onChange }: SwitchFieldProps) {
  const id = useId();
  const note = disabledReason ?? hint;
  return (
    <div className="flex items-start gap-3">
      <Switch
        id={id}
        checked={isOn}
        disabled={disabledReason !== undefined}
        aria-describedby={note ? `${id}-note` : undefined}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-0.5"
      />
      <div className="min-w-0">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {note && (
          <p id={`${id}-note`} className="text-sm text-ink-soft">
            {note}
          </p>
        )}
      </div>
    </div>
  );
}

/** The switch alone, for a form that brings its own label. */
export function Switch({ className, ...rest }: Omit<ComponentProps<"input">, "type" | "role">) {
  return (
    <input
      type="checkbox"
      role="switch"
      aria-checked={rest.checked}
      className={classNames(
        "relative h-5 w-9 shrink-0 appearance-none rounded-full bg-line-strong transition-colors checked:bg-moss disabled:opacity-55",
        "before:absolute before:top-0.5 before:left-0.5 before:size-4 before:rounded-full before:bg-surface before:transition-transform checked:before:translate-x-4",
        className,
      )}
      {...rest}
    />
  );
}

type CheckFieldProps = Omit<SwitchFieldProps, "isOn"> & { isChecked: boolean };

/** One of several that may be chosen. */
export function CheckField({ label, hint, isChecked, disabledReason, onChange }: CheckFieldProps) {
  const id = useId();
  const note = disabledReason ?? hint;
  return (
    <div className="flex items-start gap-2.5">
      <input
        id={id}
        type="checkbox"
        checked={isChecked}
        disabled={disabledReason !== undefined}
        aria-describedby={note ? `${id}-note` : undefined}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-1 size-4 shrink-0 accent-moss"
      />
      <div className="min-w-0">
        <label htmlFor={id} className="text-sm">
          {label}
        </label>
        {note && (
          <p id={`${id}-note`} className="text-sm text-ink-soft">
            {note}
          </p>
        )}
      </div>
    </div>
  );
}
