/** A list of short texts. Enter, a comma or pasted lines add; Alt with the left and right arrows moves one. */

import { X } from "lucide-react";
import { type ClipboardEvent, type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { classNames } from "#lib/class-names.ts";
import { FieldFrame, INPUT_LOOK, inputBorder } from "./field-frame.tsx";

type TokensFieldProps = {
  label: ReactNode;
  hint?: ReactNode;
  error?: string;
  placeholder?: string;
  values: readonly string[];
  /** A comma may be part of a value. */
  allowsCommas?: boolean;
  removeLabel: (value: string) => string;
  onChange: (values: string[]) => void;
};

export function TokensField(props: TokensFieldProps) {
  const { label, hint, error, placeholder, values, allowsCommas = false, removeLabel, onChange } = props;
  const [typed, setTyped] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const add = (text: string) => {
    const parts = text.split(allowsCommas ? /[\n\t]/ : /[\n\t,]/).map((part) => part.trim());
    const fresh = [...new Set(parts)].filter((part) => part !== "" && !values.includes(part));
    if (fresh.length > 0) onChange([...values, ...fresh]);
    setTyped("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" || (event.key === "," && !allowsCommas)) {
      event.preventDefault();
      add(typed);
    }
    if (event.key === "Backspace" && typed === "") onChange(values.slice(0, -1));
  };
  const onPaste = (event: ClipboardEvent) => {
    const text = event.clipboardData.getData("text");
    if (!/[\n\t]/.test(text.trim())) return;
    event.preventDefault();
    add(typed + text);
  };
  const move = (from: number, by: number) => {
    const value = values[from];
    const to = from + by;
    if (value === undefined || to < 0 || to >= values.length) return;
    onChange(values.toSpliced(from, 1).toSpliced(to, 0, value));
  };
  return (
    <FieldFrame label={label} hint={hint} error={error}>
      {(attributes) => (
        <div
          className={classNames(
            INPUT_LOOK,
            "flex min-h-10 flex-wrap items-center gap-1.5 px-1.5! py-1.5 focus-within:outline-2 focus-within:outline-moss",
            inputBorder(error),
          )}
        >
          {values.map((value, at) => (
            <Token
              key={value}
              value={value}
              removeLabel={removeLabel(value)}
              onMove={(by) => move(at, by)}
              onRemove={() => {
                onChange(values.filter((other) => other !== value));
                input.current?.focus();
              }}
            />
          ))}
          <input
            {...attributes}
            ref={input}
            value={typed}
            placeholder={values.length === 0 ? placeholder : undefined}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            onBlur={() => add(typed)}
            className="h-7 min-w-24 flex-1 bg-transparent px-1.5 text-sm outline-none placeholder:text-ink-soft"
          />
        </div>
      )}
    </FieldFrame>
  );
}

type TokenProps = { value: string; removeLabel: string; onMove: (by: number) => void; onRemove: () => void };

function Token({ value, removeLabel, onMove, onRemove }: TokenProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
    event.preventDefault();
    onMove(event.key === "ArrowLeft" ? -1 : 1);
  };
  return (
    <span className="inline-flex max-w-full items-center rounded-md bg-moss-wash pl-2 text-sm text-moss-strong">
      <span className="truncate">{value}</span>
      <button
        type="button"
        aria-label={removeLabel}
        onClick={onRemove}
        onKeyDown={onKeyDown}
        className="flex size-7 shrink-0 items-center justify-center rounded-md hover:bg-line/60"
      >
        <X className="size-3.5" aria-hidden />
      </button>
    </span>
  );
}
