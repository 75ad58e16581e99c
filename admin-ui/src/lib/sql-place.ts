/** Where in a query the fault is that SQLite's message names. */

const NAMED = [
  /near "((?:[^"]|"")+)": syntax error/,
  /no such (?:table|column|function|index|view|module|collation sequence): (?:main\.)?([^\s()]+)/,
  /ambiguous column name: ([^\s()]+)/,
  /has no column named ([^\s()]+)/,
];

/** In UTF-16 units; `null` when the message names nothing, or when it is not clear which of several places it means. */
export function placeOfSqlError(message: string, sql: string): { from: number; to: number } | null {
  if (/incomplete input/.test(message)) {
    const end = sql.trimEnd().length;
    return end === 0 ? null : { from: end - 1, to: end };
  }
  const name = NAMED.map((pattern) => pattern.exec(message)?.[1]).find((found) => found !== undefined);
  if (name === undefined) return null;
  const isWord = /^\w/.test(name) && /\w$/.test(name);
  const wanted = name.replaceAll('""', '"').replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = isWord ? `(?<![\\w.])${wanted}(?!\\w)` : wanted;
  const text = blanked(sql, name.startsWith("'"));
  const places = [...text.matchAll(new RegExp(pattern, "gi"))];
  const isSource = ({ index }: { index: number }) => /\b(?:from|join|update|into)\s+$/i.test(text.slice(0, index));
  const wrong = /no such table/.test(message) ? (places.find(isSource) ?? places[0]) : places[0];
  // Which of several commas is too many, the message does not say.
  if (!wrong || (/^near|: near/.test(message) && places.length > 1)) return null;
  return { from: wrong.index, to: wrong.index + wrong[0].length };
}

/** Without comments and, unless one of them is meant, texts: as many spaces stand in their place. */
export function blanked(sql: string, keepsTexts = false): string {
  return sql.replace(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'?/g, (part) =>
    keepsTexts && part.startsWith("'") ? part : " ".repeat(part.length),
  );
}

/** What SQLite says, without what the server and the library say around it. */
export function plainSqlError(message: string): string {
  const raw = message.replace(/^[\s\S]*Raw error:\s*/, "");
  return raw.replace(/^SQL logic error: /, "").replace(/ \(\d+\)\.?$/, "");
}
