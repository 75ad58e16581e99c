/** Reads a rule into a tree. Whether its names exist, only the server knows. */

import { type Token, tokenize } from "./tokens.ts";

export type Operand =
  | { kind: "name"; name: string }
  | { kind: "text"; value: string }
  | { kind: "number"; text: string }
  | { kind: "word"; word: "true" | "false" | "null" }
  | { kind: "function"; name: string; args: Operand[] };

export type Comparison = { kind: "compare"; left: Operand; operator: string; right: Operand };

export type Rule = Comparison | { kind: "and" | "or"; parts: Rule[] };

/** Returns `null` for an empty rule and for one that is not well formed. */
export function parseRule(text: string): Rule | null {
  const tokens = tokenize(text).filter(({ kind }) => kind !== "comment");
  const reader = { tokens, at: 0 };
  const rule = anyOf(reader);
  return reader.at === tokens.length ? rule : null;
}

type Reader = { tokens: Token[]; at: number };

function anyOf(reader: Reader): Rule | null {
  return joined(reader, "or", "||", (inner) => joined(inner, "and", "&&", group));
}

function joined(reader: Reader, kind: "and" | "or", sign: string, part: (reader: Reader) => Rule | null): Rule | null {
  const parts: Rule[] = [];
  do {
    const next = part(reader);
    if (!next) return null;
    // `a && (b && c)` reads as one list of three.
    if (next.kind === kind) parts.push(...next.parts);
    else parts.push(next);
  } while (take(reader, "join", sign));
  return parts.length === 1 ? (parts[0] ?? null) : { kind, parts };
}

function group(reader: Reader): Rule | null {
  if (take(reader, "open")) {
    const inner = anyOf(reader);
    return inner && take(reader, "close") ? inner : null;
  }
  const left = operand(reader);
  const operator = left && take(reader, "operator");
  const right = operator && operand(reader);
  return left && operator && right ? { kind: "compare", left, operator: operator.text, right } : null;
}

function operand(reader: Reader): Operand | null {
  const token = reader.tokens[reader.at];
  if (!token) return null;
  reader.at += 1;
  switch (token.kind) {
    case "text":
      return { kind: "text", value: unquote(token.text) };
    case "number":
      return { kind: "number", text: token.text };
    case "name":
      return take(reader, "open") ? functionCall(reader, token.text) : nameOrWord(token.text);
    default:
      return null;
  }
}

function nameOrWord(text: string): Operand {
  const lower = text.toLowerCase();
  return lower === "true" || lower === "false" || lower === "null"
    ? { kind: "word", word: lower }
    : { kind: "name", name: text };
}

function functionCall(reader: Reader, name: string): Operand | null {
  const args: Operand[] = [];
  if (take(reader, "close")) return { kind: "function", name, args };
  do {
    const arg = operand(reader);
    if (!arg) return null;
    args.push(arg);
  } while (take(reader, "comma"));
  return take(reader, "close") ? { kind: "function", name, args } : null;
}

function take(reader: Reader, kind: Token["kind"], text?: string): Token | null {
  const token = reader.tokens[reader.at];
  if (token?.kind !== kind || (text !== undefined && token.text !== text)) return null;
  reader.at += 1;
  return token;
}

const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", "\\": "\\", '"': '"', "'": "'" };

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\([\s\S])/g, (whole, char: string) => ESCAPES[char] ?? whole);
}
