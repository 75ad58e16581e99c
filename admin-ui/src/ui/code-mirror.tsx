/** The editor behind `CodeEditor`. Loaded on demand. */

import {
  autocompletion,
  type CompletionSource,
  closeBrackets,
  completionKeymap,
  ifNotIn,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentUnit, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers, placeholder as placeholderText } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { nextToken, type TokenKind } from "#lib/rules/tokens.ts";
import type { CodeEditorProps, CodeLanguage } from "./code-editor.tsx";

type CodeMirrorProps = CodeEditorProps & {
  labelId: string;
  noteId: string | undefined;
  /** The text area in its place was the last to have the focus, if nothing has it now. */
  hadFocus: { readonly current: boolean };
  className: string;
};

export function CodeMirror(props: CodeMirrorProps) {
  const { value, marks, place, language, tables, labelId, noteId, className, minLines = 1, isReadOnly = false } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const languageSlot = useRef(new Compartment());
  const attributesSlot = useRef(new Compartment());
  // The editor lives longer than a render, and asks for the newest handlers.
  const latest = useRef(props);
  latest.current = props;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; the effects below bring changes into it
  useEffect(() => {
    if (!host.current) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          keymap.of([
            { key: "Mod-Enter", run: () => submit(latest.current) },
            // Tab leaves the editor, as it leaves every other input.
            ...completionKeymap,
            ...historyKeymap,
            ...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"),
          ]),
          history(),
          closeBrackets(),
          bracketMatching(),
          EditorView.lineWrapping,
          autocompletion({ override: props.complete ? [completionSource(latest)] : undefined, icons: false }),
          syntaxHighlighting(COLOURS),
          LOOK,
          languageSlot.current.of([]),
          attributesSlot.current.of([]),
          placeholderText(props.placeholder ?? ""),
          EditorState.readOnly.of(isReadOnly),
          ...(props.isOneLine ? [oneLine] : []),
          ...(language === "rule" ? [] : [lintGutter()]),
          ...(props.hasLineNumbers ? [lineNumbers()] : []),
          ...(language === "rhai" ? [indentUnit.of("    ")] : []),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    if (props.hadFocus.current && document.activeElement === document.body) {
      editor.focus();
      editor.dispatch({ selection: { anchor: editor.state.doc.length } });
    }
    return () => editor.destroy();
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    let isWanted = true;
    loadLanguage(language, tables).then((extension) => {
      if (isWanted) view.current?.dispatch({ effects: languageSlot.current.reconfigure(extension) });
    });
    return () => {
      isWanted = false;
    };
  }, [language, tables]);

  useEffect(() => {
    const attributes: Record<string, string> = {
      "aria-labelledby": labelId,
      // It has the focus by itself; tools that look for what can be scrolled by keyboard ask for the attribute.
      tabindex: "0",
      style: `min-height: ${minLines * 1.5}rem`,
    };
    if (noteId) attributes["aria-describedby"] = noteId;
    if (marks?.some(({ severity }) => severity !== "warning")) attributes["aria-invalid"] = "true";
    view.current?.dispatch({
      effects: attributesSlot.current.reconfigure(EditorView.contentAttributes.of(attributes)),
    });
  }, [labelId, noteId, minLines, marks]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const length = editor.state.doc.length;
    const diagnostics = (marks ?? []).map(({ from, to, message, severity = "error" }) => ({
      from: Math.min(from, length),
      to: Math.min(Math.max(to, from), length),
      message,
      severity,
    }));
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [marks]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || !place) return;
    const line = editor.state.doc.line(Math.min(Math.max(place.line, 1), editor.state.doc.lines));
    const anchor = Math.min(line.from + Math.max(place.column - 1, 0), line.to);
    editor.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
    editor.focus();
  }, [place]);

  return <div ref={host} className={className} />;
}

/** Tells the editor whether the key was used. */
function submit({ onSubmit }: CodeEditorProps): boolean {
  onSubmit?.();
  return onSubmit !== undefined;
}

function completionSource(latest: { current: CodeEditorProps }) {
  return (context: { state: EditorState; pos: number; explicit: boolean }) => {
    const found = latest.current.complete?.(context.state.doc.toString(), context.pos);
    // Nothing typed yet: only behind a dot or a colon is it clear that a name is wanted.
    const before = context.state.sliceDoc(context.pos - 1, context.pos);
    if (!found || (!context.explicit && found.from === context.pos && !/[.:]/.test(before))) return null;
    return {
      from: found.from,
      options: found.options.map(({ label, detail, info, kind }) => ({ label, detail, info, type: kind })),
      validFor: /^[\w@:]*$/,
    };
  };
}

async function loadLanguage(language: CodeLanguage, tables?: Record<string, string[]>): Promise<Extension> {
  switch (language) {
    case "rule":
      return RULE;
    case "sql": {
      const { SQLite, keywordCompletionSource, schemaCompletionSource } = await import("@codemirror/lang-sql");
      // The package's own sources would offer names that contain the digits of a number.
      const offer = (source: CompletionSource) =>
        SQLite.language.data.of({ autocomplete: ifNotIn(["Number", "String", "LineComment", "BlockComment"], source) });
      return [
        SQLite.language,
        offer(keywordCompletionSource(SQLite, true)),
        offer(schemaCompletionSource({ dialect: SQLite, schema: tables })),
      ];
    }
    case "json":
      return (await import("@codemirror/lang-json")).json();
    case "rhai":
      return (await import("#lib/rhai/language.ts")).rhai;
    case "html":
      return (await import("@codemirror/lang-html")).html();
  }
}

const TOKEN_STYLES: Record<TokenKind, string | null> = {
  name: "variableName",
  text: "string",
  number: "number",
  operator: "operator",
  join: "keyword",
  open: null,
  close: null,
  comma: null,
  comment: "comment",
  unknown: "invalid",
};

const RULE = StreamLanguage.define({
  token(stream) {
    if (stream.eatSpace()) return null;
    const token = nextToken(stream.string, stream.pos);
    stream.pos = Math.max(token.to, stream.pos + 1);
    if (token.kind === "name" && token.text.startsWith("@")) return "atom";
    if (token.kind === "name" && /^(true|false|null)$/i.test(token.text)) return "bool";
    return TOKEN_STYLES[token.kind];
  },
});

/** Pasted lines become one, and Enter does nothing. */
const oneLine = EditorState.transactionFilter.of((transaction) => (transaction.newDoc.lines > 1 ? [] : transaction));

const COLOURS = HighlightStyle.define([
  { tag: [tags.string, tags.special(tags.string)], color: "var(--moss-strong)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--straw)" },
  { tag: [tags.keyword, tags.operatorKeyword, tags.tagName], color: "var(--sky)", fontWeight: "600" },
  { tag: [tags.atom, tags.propertyName, tags.attributeName, tags.typeName], color: "var(--sky)" },
  { tag: tags.function(tags.variableName), color: "var(--plum)" },
  { tag: [tags.operator, tags.punctuation], color: "var(--ink-soft)" },
  { tag: tags.comment, color: "var(--ink-soft)", fontStyle: "italic" },
  { tag: tags.invalid, color: "var(--danger)" },
]);

const LOOK = EditorView.theme({
  "&": { backgroundColor: "transparent", color: "var(--ink)", fontSize: "13px" },
  "&.cm-focused": { outline: "2px solid var(--moss)", outlineOffset: "-1px", borderRadius: "0.5rem" },
  ".cm-scroller": { fontFamily: "var(--font-mono, ui-monospace, monospace)", lineHeight: "1.5rem" },
  ".cm-content": { padding: "0.45rem 0", caretColor: "var(--ink)" },
  // Chrome leaves the look of replaced words on the line, where it would outlive them and the theme.
  ".cm-line": {
    padding: "0 0.75rem",
    color: "inherit !important",
    backgroundColor: "transparent !important",
    fontWeight: "inherit !important",
  },
  ".cm-gutters": { backgroundColor: "transparent", border: "none", color: "var(--ink-soft)" },
  ".cm-placeholder": { color: "var(--ink-soft)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--moss-wash)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--moss-wash)", outline: "1px solid var(--moss)" },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)",
    color: "var(--ink)",
    border: "1px solid var(--line)",
    borderRadius: "0.6rem",
    boxShadow: "0 8px 24px rgb(0 0 0 / 0.14)",
    overflow: "hidden",
    zIndex: "60",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "inherit", maxHeight: "16rem", padding: "0.25rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.2rem 0.6rem", borderRadius: "0.4rem" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--moss-wash)",
    color: "var(--moss-strong)",
  },
  ".cm-tooltip.cm-completionInfo": { maxWidth: "22rem", padding: "0.45rem 0.7rem", fontSize: "13px" },
  ".cm-completionDetail": { color: "var(--ink-soft)", fontStyle: "normal", marginLeft: "1rem" },
  ".cm-diagnostic": { padding: "0.4rem 0.7rem", fontFamily: "var(--font-sans, sans-serif)" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--danger)" },
  ".cm-diagnostic-warning": { borderLeft: "3px solid var(--straw)" },
});
