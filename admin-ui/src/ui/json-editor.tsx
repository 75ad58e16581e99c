/** Structured data as text, with a check of its syntax while it is typed. */

import { Braces } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { checkJson, type JsonCheck } from "#lib/json-check.ts";
import { words } from "#words/words.ts";
import { CodeEditor } from "./code-editor.tsx";

/** Checking more on every key would be felt. */
const MAX_CHECKED = 500_000;

type JsonEditorProps = {
  label: string;
  /** The label is read out only. */
  isLabelHidden?: boolean;
  hint?: ReactNode;
  /** What the server found. */
  error?: string;
  value: string;
  onChange: (text: string) => void;
};

export function JsonEditor({ label, isLabelHidden, hint, error, value: text, onChange }: JsonEditorProps) {
  const check = useMemo(() => (text.trim() === "" || text.length > MAX_CHECKED ? null : checkJson(text)), [text]);
  const marks = useMemo(() => (check?.isValid === false ? [markOf(check)] : []), [check]);
  return (
    <CodeEditor
      label={label}
      isLabelHidden={isLabelHidden}
      language="json"
      minLines={3}
      value={text}
      marks={marks}
      onChange={onChange}
      error={check?.isValid === false ? faultText(check) : error}
      hint={check?.isValid ? <Verdict check={check} onTidy={onChange} text={text} /> : hint}
    />
  );
}

/** What keeps a text from being JSON, in words. An empty text is fine. */
export function jsonProblem(text: string): string | undefined {
  const check = text.trim() === "" ? null : checkJson(text);
  return check === null || check.isValid ? undefined : faultText(check);
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
