/** Reads a body as the server does before it looks for values in it: JSON, a form, or one text. */

import { checkJson, type JsonCheck } from "#lib/json-check.ts";

export type Body =
  | { kind: "empty" }
  | { kind: "broken"; check: JsonCheck & { isValid: false } }
  | { kind: "json" | "form" | "text"; value: unknown };

const FORM = "application/x-www-form-urlencoded";
const PAIRS = /^[^\s=&]+=[^\s&]*(?:&[^\s=&]+(?:=[^\s&]*)?)*$/;

export function readBody(text: string): Body {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "empty" };
  if (PAIRS.test(trimmed)) return { kind: "form", value: readForm(trimmed) };
  const check = checkJson(text);
  if (check.isValid) return { kind: "json", value: check.value };
  return /^[{["]/.test(trimmed) ? { kind: "broken", check } : { kind: "text", value: text };
}

/** What the sender would say of it. */
export function contentTypeOf(text: string): string {
  const { kind } = readBody(text);
  if (kind === "form") return FORM;
  return kind === "text" ? "text/plain" : "application/json";
}

/** A repeated name is a list. Slack and GitHub put JSON into a field named `payload`. */
function readForm(text: string): Record<string, unknown> {
  const pairs = [...new URLSearchParams(text)];
  const names = [...new Set(pairs.map(([name]) => name))];
  return Object.fromEntries(
    names.map((name) => {
      const values = pairs.filter(([one]) => one === name).map(([, value]) => value);
      const [only = ""] = values;
      return [name, values.length > 1 ? values : name === "payload" ? asObject(only) : only];
    }),
  );
}

function asObject(text: string): unknown {
  const check = text.startsWith("{") ? checkJson(text) : null;
  return check?.isValid ? check.value : text;
}
