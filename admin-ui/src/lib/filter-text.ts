/**
 * Turns what a person types into a search box into a filter the server understands. Plain words look for text in the
 * given fields; what looks like a filter passes through untouched, mistakes included, so that the server can name them.
 * Text in double quotes is searched for whatever it looks like.
 */

import { looksLikeFilter } from "./filter/looks-like.ts";
import { nameFilter } from "./filter/name-filter.ts";

/** The server refuses longer filters. */
const MAX_FILTER = 3500;

/** Where plain words are looked for. */
export type SearchedFields = {
  /** Fields that hold words. */
  texts: readonly string[];
  /** Looked through for a number as a whole. */
  numbers?: readonly string[];
  /** Paths that a name is made of together: here, or behind a link. */
  names?: readonly { paths: readonly string[]; operator: "~" | "?~" }[];
};

export function toFilter(typed: string, searched: SearchedFields, allFields: readonly string[]): string {
  const text = typed.trim();
  const quoted = unquoted(text);
  if ((quoted ?? text) === "") return "";
  if (quoted === null && looksLikeFilter(text, allFields)) return text;
  return containsText(quoted ?? text, searched);
}

/** The text in such a way that it is searched for, also where it looks like a filter. */
export function asPhrase(text: string): string {
  return `"${text}"`;
}

/** The text inside the quotes, or `null` where the whole is not in quotes. */
export function unquoted(text: string): string | null {
  const [, inner] = /^"([\s\S]*)"$/.exec(text) ?? [];
  // In `"a" and "b"` the first quote does not belong to the last one, unless the inner part holds together by itself.
  return inner !== undefined && (!inner.includes('"') || looksLikeFilter(inner, [])) ? inner : null;
}

const NUMBER = /^-?\d{1,15}(?:[.,]\d+)?$/;

/** An id counts only as a whole: parts of it are random letters that would match by accident. */
export function containsText(text: string, { texts, numbers = [], names = [] }: SearchedFields): string {
  // The server adds the wildcards itself, unless the text brings its own `%`.
  const value = JSON.stringify(text.includes("%") ? `%${text}%` : text);
  const parts = [
    `id = ${JSON.stringify(text)}`,
    ...texts.map((field) => `${field} ~ ${value}`),
    ...(NUMBER.test(text) ? numbers.map((field) => `${field} = ${text.replace(",", ".")}`) : []),
    ...names.map(({ paths, operator }) => nameFilter(paths, operator, text)),
  ];
  let filter = "";
  for (const part of parts) {
    const next = filter === "" ? part : `${filter} || ${part}`;
    if (next.length > MAX_FILTER) break;
    filter = next;
  }
  return filter;
}
