/**
 * Turns what a person types into the search box into a filter the server understands. Plain words look for text in
 * the given fields; something that already is a filter expression passes through untouched.
 */

/** The server refuses longer filters. */
const LONGEST_FILTER = 3500;

export function toFilter(typed: string, searchedFields: readonly string[], allFields: readonly string[]): string {
  const text = typed.trim();
  if (text === "") return "";
  if (isExpression(text, allFields)) return text;
  return containsText(text, searchedFields);
}

/**
 * Is this a filter expression? It is when a comparison with a known field stands in it, so that `price > 5` is one
 * where there is a price, and `Smith = baker?` is a search for these words.
 */
function isExpression(text: string, fields: readonly string[]): boolean {
  const known = new Set(fields);
  const comparisons = text.matchAll(/([@A-Za-z_][\w.:@]*)\s*\??(?:!?[=~]|[<>]=?)/g);
  for (const [, left = ""] of comparisons) {
    const first = left.split(/[.:]/, 1)[0] ?? "";
    if (left.startsWith("@") || known.has(first) || first.includes("_via_")) return true;
  }
  return false;
}

/** An id counts only as a whole: parts of it are random letters that would match by accident. */
function containsText(text: string, fields: readonly string[]): string {
  let filter = `id = ${JSON.stringify(text)}`;
  // The server adds the wildcards itself, unless the text brings its own `%`.
  const value = JSON.stringify(text.includes("%") ? `%${text}%` : text);
  for (const field of fields) {
    const next = `${filter} || ${field} ~ ${value}`;
    if (next.length > LONGEST_FILTER) break;
    filter = next;
  }
  return filter;
}
