/** An amount in the unit that reads best: bytes as megabytes, seconds as days. */

import { type ReactNode, useState } from "react";
import { classNames } from "#lib/class-names.ts";
import { bestUnit } from "#lib/units.ts";
import { FieldFrame, INPUT_LOOK, inputBorder } from "./field-frame.tsx";

type UnitFieldProps = {
  label: ReactNode;
  hint?: ReactNode;
  error?: string;
  placeholder?: string;
  /** In the smallest unit; 0 shows as nothing. */
  value: number;
  /** From small to large. */
  units: readonly { label: string; factor: number }[];
  /** Names the list of units for those who cannot see where it stands. */
  unitLabel: string;
  onChange: (value: number) => void;
};

export function UnitField({ label, hint, error, placeholder, value, units, unitLabel, onChange }: UnitFieldProps) {
  const [factor, setFactor] = useState(() => bestUnit(value, units));
  const [typed, setTyped] = useState<string | null>(null);
  const change = (text: string) => {
    setTyped(text);
    const number = Number(text.replace(",", "."));
    if (!Number.isNaN(number)) onChange(Math.max(0, Math.round(number * factor)));
  };
  const shown = value === 0 ? "" : String(Math.round((value / factor) * 1000) / 1000);
  return (
    <FieldFrame label={label} hint={hint} error={error}>
      {(attributes) => (
        <div className="flex gap-2">
          <input
            {...attributes}
            inputMode="decimal"
            placeholder={placeholder}
            value={typed ?? shown}
            onChange={(event) => change(event.target.value)}
            onBlur={() => setTyped(null)}
            className={classNames(INPUT_LOOK, "h-10 min-w-0 flex-1 tabular-nums", inputBorder(error))}
          />
          <select
            aria-label={unitLabel}
            value={factor}
            onChange={(event) => {
              const next = Number(event.target.value);
              onChange(Math.round((value / factor) * next));
              setFactor(next);
            }}
            className={classNames(INPUT_LOOK, "h-10 w-auto! border-line-strong")}
          >
            {units.map((unit) => (
              <option key={unit.factor} value={unit.factor}>
                {unit.label}
              </option>
            ))}
          </select>
        </div>
      )}
    </FieldFrame>
  );
}
