/**
 * An editor for code: coloured, with completion and marked mistakes. The editor itself is a large piece that is loaded
 * when the first one is shown; until then, and where it cannot be loaded, a plain text area does the work.
 */

import { lazy, type ReactNode, Suspense, useId, useRef } from "react";
import { classNames } from "#lib/class-names.ts";
import { INPUT_LOOK, inputBorder } from "./field-frame.tsx";

export type CodeMark = { from: number; to: number; message: string; severity?: "error" | "warning" };

export type CodePlace = { line: number; column: number };

export type CodeCompletion = {
  label: string;
  /** What it is, in a word. */
  detail?: string;
  /** More about it, shown for the one that is chosen. */
  info?: string;
  kind?: "property" | "function" | "keyword" | "constant" | "class";
};

/** What may stand at `position`, and where the word begins that it replaces. */
type Complete = (text: string, position: number) => { from: number; options: CodeCompletion[] } | null;

export type CodeLanguage = "rule" | "sql" | "json" | "html" | "rhai";

export type CodeEditorProps = {
  label: string;
  /** The label is read out only. */
  isLabelHidden?: boolean;
  hint?: ReactNode;
  error?: ReactNode;
  language: CodeLanguage;
  value: string;
  isReadOnly?: boolean;
  hasLineNumbers?: boolean;
  isOneLine?: boolean;
  minLines?: number;
  marks?: readonly CodeMark[];
  complete?: Complete;
  /** Where to put the cursor, both from 1. Another object is another wish. */
  place?: CodePlace;
  /** sql: tables and their columns, for completion. */
  tables?: Record<string, string[]>;
  placeholder?: string;
  onChange: (value: string) => void;
  /** Ctrl+Enter. */
  onSubmit?: () => void;
};

const CodeMirror = lazy(() => import("./code-mirror.tsx").then((module) => ({ default: module.CodeMirror })));

export function CodeEditor(props: CodeEditorProps) {
  const { label, isLabelHidden = false, hint, error, value, minLines = 1 } = props;
  const id = useId();
  const note = error || hint;
  // Who was typing into the text area goes on typing in the editor.
  const hadFocus = useRef(false);
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <span id={`${id}-label`} className={isLabelHidden ? "sr-only" : "text-sm font-medium"}>
        {label}
      </span>
      <Suspense
        fallback={
          <textarea
            aria-labelledby={`${id}-label`}
            value={value}
            rows={minLines}
            readOnly={props.isReadOnly}
            onFocus={() => {
              hadFocus.current = true;
            }}
            onChange={(event) => props.onChange(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) props.onSubmit?.();
            }}
            className={classNames(INPUT_LOOK, "min-h-10 py-2 font-mono text-[13px] leading-6", inputBorder(undefined))}
          />
        }
      >
        <CodeMirror
          {...props}
          labelId={`${id}-label`}
          hadFocus={hadFocus}
          noteId={note ? `${id}-note` : undefined}
          className={classNames(INPUT_LOOK, "px-0! overflow-hidden", inputBorder(error ? "error" : undefined))}
        />
      </Suspense>
      {note && (
        <div id={`${id}-note`} className={classNames("text-sm", error ? "text-danger" : "text-ink-soft")}>
          {note}
        </div>
      )}
    </div>
  );
}
