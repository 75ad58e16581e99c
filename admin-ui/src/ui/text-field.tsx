/** A labelled input with its hint and its error, tied together for screen readers. */

import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, type ReactNode, useState } from "react";
import { classNames } from "#lib/class-names.ts";
import { words } from "#words/words.ts";
import { FieldFrame, INPUT_LOOK, inputBorder } from "./field-frame.tsx";

type FrameProps = { label: ReactNode; hint?: ReactNode; error?: string; aside?: ReactNode };
type TextFieldProps = ComponentProps<"input"> & FrameProps;

export function TextField({ label, hint, error, aside, className, ...rest }: TextFieldProps) {
  return (
    <FieldFrame label={label} hint={hint} error={error} aside={aside}>
      {(attributes) => (
        <input {...attributes} className={classNames(INPUT_LOOK, "h-10", inputBorder(error), className)} {...rest} />
      )}
    </FieldFrame>
  );
}

type TextAreaFieldProps = ComponentProps<"textarea"> & FrameProps & { isCode?: boolean };

/** Several lines. `isCode` uses the typewriter's letters and no spelling check. */
export function TextAreaField({ label, hint, error, aside, isCode, className, rows = 3, ...rest }: TextAreaFieldProps) {
  return (
    <FieldFrame label={label} hint={hint} error={error} aside={aside}>
      {(attributes) => (
        <textarea
          {...attributes}
          rows={rows}
          spellCheck={!isCode}
          className={classNames(
            INPUT_LOOK,
            "block min-h-10 py-2 leading-6",
            isCode && "font-mono text-[13px]",
            inputBorder(error),
            className,
          )}
          {...rest}
        />
      )}
    </FieldFrame>
  );
}

type SelectFieldProps<Value extends string> = FrameProps & {
  value: Value;
  options: readonly { value: Value; label: string; isDisabled?: boolean }[];
  isDisabled?: boolean;
  onChange: (value: Value) => void;
};

/** One of a few. The browser's own list: it is the easiest to use on a phone. */
export function SelectField<Value extends string>(props: SelectFieldProps<Value>) {
  const { label, hint, error, aside, value, options, isDisabled, onChange } = props;
  const choose = (chosen: string) => {
    const found = options.find((option) => option.value === chosen);
    if (found) onChange(found.value);
  };
  return (
    <FieldFrame label={label} hint={hint} error={error} aside={aside}>
      {(attributes) => (
        <select
          {...attributes}
          value={value}
          disabled={isDisabled}
          onChange={(event) => choose(event.target.value)}
          className={classNames(INPUT_LOOK, "h-10", inputBorder(error))}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} disabled={option.isDisabled}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </FieldFrame>
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
        aria-label={isShown ? words().common.hidePassword : words().common.showPassword}
        onClick={() => setShown(!isShown)}
        className="absolute top-7.5 right-1 flex size-9 items-center justify-center rounded-md text-ink-soft hover:text-ink"
      >
        <Icon className="size-4.5" aria-hidden />
      </button>
    </div>
  );
}
