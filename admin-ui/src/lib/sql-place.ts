/** Where in a query the fault is that SQLite's message names. */

const NAMED = [
  /near "((?:[^"]|"")+)": syntax error/,
  /no such (?:table|column|function|index|view|module|collation sequence): (?:main\.)?([^\s()]+)/,
  /ambiguous column name: ([^\s()]+)/,
  /has no column named ([^\s()]+)/,
];

/** In UTF-16 units; `null` when the message names nothing, or something that stands in several places. */
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
  const [first, second] = blanked(sql, name.startsWith("'")).matchAll(new RegExp(pattern, "gi"));
  if (!first || second) return null;
  return { from: first.index, to: first.index + first[0].length };
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
