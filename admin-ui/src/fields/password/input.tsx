/** A new password. The one that is stored cannot be read by anybody, so the box begins empty. */

import { Dices, Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { inventPassword, passwordStrength } from "#lib/password.ts";
import { Button } from "#ui/button.tsx";
import { CopyButton } from "#ui/copy-button.tsx";
import { words } from "#words/words.ts";
import { boxClass, type FieldInput, type InputProps, limitOf } from "../field-input.ts";
import { textInput } from "../text/input.tsx";
import { asText } from "../values.ts";

const BARS = [1, 2, 3, 4] as const;
const TONES = ["bg-danger", "bg-danger", "bg-straw", "bg-moss", "bg-moss"] as const;

function PasswordInput({ field, value, onChange, id, describedBy, isInvalid, record }: InputProps) {
  const { inputs, common } = words();
  const [isShown, setShown] = useState(false);
  const [isImpossible, setImpossible] = useState(false);
  const password = asText(value);
  const Icon = isShown ? EyeOff : Eye;
  const invent = () => {
    const made = inventPassword({ min: limitOf(field.min), max: limitOf(field.max), pattern: field.pattern });
    setImpossible(made === null);
    if (made === null) return;
    setShown(true);
    onChange(made);
  };
  return (
    <div className="flex flex-col gap-2">
      <div className="flex gap-2">
        <div className="relative min-w-0 flex-1">
          <input
            id={id}
            type={isShown ? "text" : "password"}
            autoComplete="new-password"
            spellCheck={false}
            value={password}
            placeholder={record ? inputs.passwordUnchanged : undefined}
            aria-describedby={describedBy}
            aria-invalid={isInvalid || undefined}
            onChange={({ target }) => onChange(target.value)}
            className={`${boxClass(isInvalid)} h-10 pr-11 ${isShown ? "font-mono" : ""}`}
          />
          <button
            type="button"
            aria-label={isShown ? common.hidePassword : common.showPassword}
            onClick={() => setShown(!isShown)}
            className="absolute top-0.5 right-0.5 flex size-9 items-center justify-center rounded-md text-ink-soft hover:text-ink"
          >
            <Icon className="size-4.5" aria-hidden />
          </button>
        </div>
        <Button icon={Dices} className="h-10" onClick={invent}>
          {inputs.invent}
        </Button>
        {password !== "" && <CopyButton text={password} label={inputs.copyPassword} isIconOnly />}
      </div>
      {isImpossible && <p className="text-sm text-straw">{inputs.cannotInvent}</p>}
      {password !== "" && <StrengthBar password={password} />}
    </div>
  );
}

function StrengthBar({ password }: { password: string }) {
  const strength = passwordStrength(password);
  return (
    <div role="status" className="flex items-center gap-2 text-xs text-ink-soft">
      <span aria-hidden className="flex gap-1">
        {BARS.map((bar) => (
          <span
            key={bar}
            className={`h-1.5 w-8 rounded-full ${bar <= Math.max(1, strength) ? TONES[strength] : "bg-line"}`}
          />
        ))}
      </span>
      {words().inputs.strength[strength]}
    </div>
  );
}

export const passwordInput: FieldInput = {
  Input: PasswordInput,
  fromStored: () => "",
  toSent: asText,
  hint: (field) => textInput.hint?.(field),
};
