/** A number, or nothing. What is typed stays as it is until it is one, so that "-" and "1." can be typed at all. */

import { type ReactNode, useState } from "react";
import { classNames } from "#lib/class-names.ts";
import { FieldFrame, INPUT_LOOK, inputBorder } from "./field-frame.tsx";

type NumberFieldProps = {
  label: ReactNode;
  hint?: ReactNode;
  error?: string;
  placeholder?: string;
  value: number | null;
  isWhole?: boolean;
  isDisabled?: boolean;
  /** As in "seconds". Stands behind the input. */
  unit?: string;
  /** `null` when it was emptied. */
  onChange: (value: number | null) => void;
};

export function NumberField(props: NumberFieldProps) {
  const { label, hint, error, placeholder, value, isWhole = false, isDisabled, unit, onChange } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const change = (text: string) => {
    setTyped(text);
    const number = Number(text.replace(",", "."));
    if (text.trim() === "") onChange(null);
    else if (!Number.isNaN(number)) onChange(isWhole ? Math.trunc(number) : number);
  };
  return (
    <FieldFrame label={label} hint={hint} error={error}>
      {(attributes) => (
        <div className="flex items-center gap-2">
          <input
            {...attributes}
            inputMode={isWhole ? "numeric" : "decimal"}
            placeholder={placeholder}
            disabled={isDisabled}
            value={typed ?? (value === null ? "" : String(value))}
            onChange={(event) => change(event.target.value)}
            onBlur={() => setTyped(null)}
            className={classNames(INPUT_LOOK, "h-10 tabular-nums", inputBorder(error))}
          />
          {unit && <span className="text-sm text-ink-soft">{unit}</span>}
        </div>
      )}
    </FieldFrame>
  );
}
