/** Several of some short names, each a button that is pressed or not. */

import { type ReactNode, useId } from "react";
import { classNames } from "#lib/class-names.ts";

type ChipChoiceProps = {
  label: string;
  hint?: ReactNode;
  error?: string;
  choices: readonly string[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
};

export function ChipChoice({ label, hint, error, choices, chosen, onChange }: ChipChoiceProps) {
  const id = useId();
  const note = error ?? hint;
  const toggle = (name: string) =>
    onChange(chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name]);
  return (
    <fieldset aria-describedby={note ? `${id}-note` : undefined} className="flex min-w-0 flex-col gap-1.5">
      <legend className="mb-1.5 text-sm font-medium">{label}</legend>
      <div className="flex max-h-40 flex-wrap gap-1.5 overflow-y-auto p-0.5">
        {choices.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={chosen.includes(name)}
            onClick={() => toggle(name)}
            className={classNames(
              "h-7 max-w-full truncate rounded-full border px-2.5 text-[13px]",
              chosen.includes(name)
                ? "border-moss bg-moss-wash font-medium text-moss-strong"
                : "border-line bg-raised text-ink-soft hover:bg-sunken hover:text-ink",
            )}
          >
            {name}
          </button>
        ))}
      </div>
      {note && (
        <p id={`${id}-note`} className={classNames("text-sm", error ? "text-danger" : "text-ink-soft")}>
          {note}
        </p>
      )}
    </fieldset>
  );
}
