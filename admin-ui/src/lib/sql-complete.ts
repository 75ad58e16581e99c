/** What may be typed next in a query: tables, their columns, and the words of the language. */

import { blanked } from "./sql-place.ts";

type Option = { label: string; detail?: string; kind: "class" | "property" | "keyword" };

const WORDS = (
  "SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT OFFSET JOIN LEFT INNER CROSS ON USING AS AND OR NOT IN IS NULL LIKE GLOB " +
  "BETWEEN EXISTS CASE WHEN THEN ELSE END DISTINCT ALL UNION EXCEPT INTERSECT WITH RECURSIVE VALUES INSERT INTO UPDATE SET " +
  "DELETE RETURNING ASC DESC COLLATE CAST COUNT SUM AVG MIN MAX TOTAL COALESCE LENGTH LOWER UPPER SUBSTR REPLACE TRIM ROUND " +
  "ABS DATE DATETIME STRFTIME JULIANDAY JSON_EXTRACT JSON_EACH GROUP_CONCAT OVER PARTITION EXPLAIN QUERY PLAN CREATE INDEX"
).split(" ");

/** A table in a query, maybe with another name. */
const SOURCES = /\b(?:from|join|update|into|,)\s+["`[]?(\w+)["`\]]?(?:\s+(?:as\s+)?(\w+))?/gi;

/** `from` is where the word begins that is replaced. Columns of the tables of the query come first. */
export function completeSql(
  sql: string,
  position: number,
  tables: Record<string, string[]>,
): { from: number; options: Option[] } | null {
  const code = blanked(sql);
  // In a text or a comment.
  if (code[position - 1] !== sql[position - 1]) return null;
  const [, owner, word = ""] = /(?:(\w+)\.)?(\w*)$/.exec(code.slice(0, position)) ?? [];
  const from = position - word.length;
  const named = namedTables(code, tables);
  if (owner !== undefined) {
    const table = named.get(owner.toLowerCase()) ?? tableIn(tables, owner);
    return table === undefined ? null : { from, options: columnsOf(table, tables) };
  }
  const columns = [...new Set(named.values())].flatMap((table) => columnsOf(table, tables));
  const names = Object.keys(tables).map((label): Option => ({ label, kind: "class" }));
  // After the word that asks for a table, nothing else fits.
  if (/\b(?:from|join|update|into)\s+$/i.test(code.slice(0, from))) return { from, options: names };
  return { from, options: [...columns, ...names, ...WORDS.map((label): Option => ({ label, kind: "keyword" }))] };
}

/** By the names that the query uses for them. */
function namedTables(code: string, tables: Record<string, string[]>): Map<string, string> {
  const named = new Map<string, string>();
  for (const [, name = "", alias] of code.matchAll(SOURCES)) {
    const table = tableIn(tables, name);
    if (table === undefined) continue;
    named.set(name.toLowerCase(), table);
    if (alias !== undefined && !WORDS.includes(alias.toUpperCase())) named.set(alias.toLowerCase(), table);
  }
  return named;
}

/** Names of tables are the same in any letter case. */
function tableIn(tables: Record<string, string[]>, name: string): string | undefined {
  return Object.keys(tables).find((table) => table.toLowerCase() === name.toLowerCase());
}

function columnsOf(table: string, tables: Record<string, string[]>): Option[] {
  return (tables[table] ?? []).map((label) => ({ label, detail: table, kind: "property" }));
}
