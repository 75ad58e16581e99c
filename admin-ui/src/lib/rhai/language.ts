/**
 * How rhai, the language of scripts, is coloured and indented in the editor. It reads words, texts and brackets, not the
 * grammar: what is wrong with a script is told by the server.
 */

import { StreamLanguage, type StreamParser, type StringStream } from "@codemirror/language";

const KEYWORDS = new Set(
  "let const if else switch while loop do until for in break continue return throw try catch fn private import export as is global this".split(
    " ",
  ),
);
const CONSTANTS = new Set(["true", "false"]);

/** What can be open at a place: brackets, and texts in backticks, in which `${` opens code again. */
type Sign = "{" | "(" | "[" | "`" | "${";

/** `indents`: the first bracket of a line that is open still. The others of the line do not indent further. */
type Open = { sign: Sign; line: number; indents: boolean };

export type RhaiState = { open: readonly Open[]; comments: number; line: number };

const CLOSES: Record<string, readonly Sign[]> = { "}": ["{", "${"], ")": ["("], "]": ["["] };

export const rhaiParser: StreamParser<RhaiState> = {
  name: "rhai",
  startState: () => ({ open: [], comments: 0, line: 0 }),
  copyState: (state) => ({ ...state }),
  token(stream, state) {
    if (stream.sol()) state.line += 1;
    if (state.comments > 0) return comment(stream, state);
    if (state.open.at(-1)?.sign === "`") return template(stream, state);
    if (stream.eatSpace()) return null;
    return code(stream, state);
  },
  indent(state, textAfter, { unit }) {
    if (state.comments > 0 || state.open.some(({ sign }) => sign === "`")) return null;
    const closed = /^[})\]]*/.exec(textAfter)?.[0].length ?? 0;
    const left = state.open.slice(0, Math.max(0, state.open.length - closed));
    return left.filter(({ indents }) => indents).length * unit;
  },
  languageData: {
    commentTokens: { line: "//", block: { open: "/*", close: "*/" } },
    indentOnInput: /^\s*[})\]]$/,
    closeBrackets: { brackets: ["(", "[", "{", '"', "`"] },
  },
};

export const rhai = StreamLanguage.define(rhaiParser);

function code(stream: StringStream, state: RhaiState): string | null {
  if (stream.match("//")) {
    stream.skipToEnd();
    return "comment";
  }
  if (stream.match("/*")) {
    state.comments = 1;
    return comment(stream, state);
  }
  if (stream.match(/^"(?:\\.|[^"\\])*"?/) || stream.match(/^'(?:\\[^']+|[^'\\])'/)) return "string";
  if (stream.match("`")) {
    push("`", state);
    return "string";
  }
  if (stream.match(/^(?:0x[\da-f_]+|0b[01_]+|0o[0-7_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:e[+-]?\d+)?)/i)) return "number";
  const word = stream.match(/^[\p{L}_][\p{L}\p{N}_]*/u);
  if (Array.isArray(word)) return wordStyle(word[0], stream);
  const bracket = stream.match(/^#?[{}()[\]]/);
  if (Array.isArray(bracket)) {
    note(bracket[0].replace("#", ""), state);
    return "bracket";
  }
  if (stream.match(/^[-+*/%=<>!&|^~?.:]+/)) return "operator";
  stream.next();
  return null;
}

function wordStyle(word: string, stream: StringStream): string {
  const before = stream.string.slice(0, stream.start);
  if (/(?:^|[^.])\.\s*$/.test(before) || /\?\.\s*$/.test(before)) return "propertyName";
  if (KEYWORDS.has(word)) return "keyword";
  if (CONSTANTS.has(word)) return "bool";
  if (stream.match(/^\s*\(/, false)) return "variableName.function";
  if (stream.match(/^\s*:(?!:)/, false)) return "propertyName";
  return "variableName";
}

function note(bracket: string, state: RhaiState): void {
  const closes = CLOSES[bracket];
  const last = state.open.at(-1);
  // What closes nothing opens.
  if (!closes) push(bracket as Sign, state);
  else if (last !== undefined && closes.includes(last.sign)) state.open = state.open.slice(0, -1);
}

function push(sign: Sign, state: RhaiState): void {
  const { open, line } = state;
  state.open = [...open, { sign, line, indents: !open.some((one) => one.line === line) }];
}

function template(stream: StringStream, state: RhaiState): string {
  while (!stream.eol()) {
    if (stream.match("``") || stream.match(/^\\./)) continue;
    if (stream.match("`")) {
      state.open = state.open.slice(0, -1);
      return "string";
    }
    if (stream.match("${")) {
      push("${", state);
      return "string";
    }
    stream.next();
  }
  return "string";
}

/** They nest. */
function comment(stream: StringStream, state: RhaiState): string {
  while (!stream.eol()) {
    if (stream.match("*/")) {
      state.comments -= 1;
      if (state.comments === 0) break;
    } else if (stream.match("/*")) state.comments += 1;
    else stream.next();
  }
  return "comment";
}
