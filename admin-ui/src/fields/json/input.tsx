/** Structured data as text, with a check of its syntax while it is typed. */

import { Braces } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { formatBytes } from "#lib/format.ts";
import { checkJson, type JsonCheck } from "#lib/json-check.ts";
import { CodeEditor } from "#ui/code-editor.tsx";
import { words } from "#words/words.ts";
import { type FieldInput, type InputProps, limitOf } from "../field-input.ts";
import { asText } from "../values.ts";

/** Checking more on every key would be felt. */
const MAX_CHECKED = 500_000;

function JsonInput({ field, value, onChange }: InputProps) {
  const text = asText(value);
  const check = useMemo(() => (text.trim() === "" || text.length > MAX_CHECKED ? null : checkJson(text)), [text]);
  const marks = useMemo(() => (check?.isValid === false ? [markOf(check)] : []), [check]);
  return (
    <CodeEditor
      label={field.name}
      isLabelHidden
      language="json"
      minLines={3}
      value={text}
      marks={marks}
      onChange={onChange}
      error={check?.isValid === false ? faultText(check) : undefined}
      hint={check?.isValid ? <Verdict check={check} onTidy={onChange} text={text} /> : undefined}
    />
  );
}

type Invalid = JsonCheck & { isValid: false };

function markOf(check: Invalid) {
  return { from: check.offset, to: check.offset + 1, message: faultText(check) };
}

function faultText({ line, column, fault }: Invalid): string {
  const { inputs } = words();
  return inputs.jsonFault(line, column, inputs.jsonFaults[fault]);
}

type VerdictProps = { check: JsonCheck & { isValid: true }; text: string; onTidy: (text: string) => void };

function Verdict({ check, text, onTidy }: VerdictProps): ReactNode {
  const { inputs } = words();
  const [number] = check.inexact;
  if (number !== undefined) {
    return <span className="text-straw">{inputs.jsonInexact(number, String(Number(number)))}</span>;
  }
  const tidy = JSON.stringify(check.value, null, 2);
  return (
    <span className="flex items-center gap-3 text-xs">
      {inputs.jsonValid}
      {tidy !== text && (
        <button
          type="button"
          onClick={() => onTidy(tidy)}
          className="inline-flex items-center gap-1.5 rounded-md px-1.5 py-0.5 hover:bg-sunken hover:text-ink"
        >
          <Braces className="size-3.5" aria-hidden />
          {inputs.tidy}
        </button>
      )}
    </span>
  );
}

export const jsonInput: FieldInput = {
  Input: JsonInput,
  isGroup: true,
  fromStored: (value) => (value === null || value === undefined ? "" : JSON.stringify(value, null, 2)),
  toSent: (value) => {
    const text = asText(value).trim();
    if (text === "") return null;
    const parsed: unknown = JSON.parse(text);
    // The server reads texts that look like JSON as JSON, so a text is sent as one that does: in quotes.
    return typeof parsed === "string" ? JSON.stringify(parsed) : parsed;
  },
  problem: (value) => {
    const text = asText(value);
    const check = text.trim() === "" ? null : checkJson(text);
    return check === null || check.isValid ? undefined : faultText(check);
  },
  hint: ({ maxSize }) => {
    const limit = limitOf(maxSize);
    return limit ? words().inputs.atMostSize(formatBytes(limit)) : undefined;
  },
};
