/** A list of short texts, one on each line. Empty lines do not count. */

import { type ReactNode, useState } from "react";
import { TextAreaField } from "./text-field.tsx";

type LinesFieldProps = {
  label: ReactNode;
  hint?: ReactNode;
  error?: string;
  value: readonly string[];
  placeholder?: string;
  onChange: (lines: string[]) => void;
};

export function LinesField({ value, onChange, ...rest }: LinesFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const change = (text: string) => {
    setTyped(text);
    onChange(
      text
        .split("\n")
        .map((line) => line.trim())
        .filter(Boolean),
    );
  };
  return (
    <TextAreaField
      {...rest}
      isCode
      rows={Math.max(2, value.length + 1)}
      value={typed ?? value.join("\n")}
      onChange={(event) => change(event.target.value)}
      onBlur={() => setTyped(null)}
    />
  );
}
