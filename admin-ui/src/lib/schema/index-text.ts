/** Reads and writes CREATE INDEX statements, as far as a form can show them. The server is the judge of the rest. */

type IndexColumn = { name: string; ignoresCase: boolean; isDescending: boolean };

export type IndexForm = {
  name: string;
  isUnique: boolean;
  columns: IndexColumn[];
  /** The condition behind WHERE; empty for none. */
  where: string;
};

const NAME = '(?:`[^`]+`|"[^"]+"|\\[[^\\]]+\\]|\\w+)';
const HEAD = new RegExp(
  `^\\s*CREATE\\s+(UNIQUE\\s+)?INDEX\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(?:${NAME}\\s*\\.\\s*)?(${NAME})\\s+ON\\s+${NAME}\\s*\\(`,
  "i",
);
const COLUMN = new RegExp(`^(${NAME})(?:\\s+COLLATE\\s+(\\w+))?(?:\\s+(ASC|DESC))?$`, "i");

/** Returns `null` for a statement that the form cannot show, such as one over an expression. */
export function parseIndex(statement: string): IndexForm | null {
  const head = HEAD.exec(statement);
  if (!head) return null;
  const rest = statement.slice(head[0].length);
  const end = closingParenthesis(rest);
  if (end < 0) return null;
  const columns = rest.slice(0, end).split(",").map(parseColumn);
  const tail = rest.slice(end + 1).replace(/;\s*$/, "");
  const where = /^\s*WHERE\s+([\s\S]+)$/i.exec(tail)?.[1] ?? "";
  if (columns.includes(null) || (where === "" && tail.trim() !== "")) return null;
  return {
    name: unquote(head[2] ?? ""),
    isUnique: head[1] !== undefined,
    columns: columns.filter((column) => column !== null),
    where: where.trim(),
  };
}

function parseColumn(text: string): IndexColumn | null {
  const found = COLUMN.exec(text.trim());
  const collation = found?.[2]?.toUpperCase();
  if (!found?.[1] || (collation !== undefined && collation !== "NOCASE" && collation !== "BINARY")) return null;
  return {
    name: unquote(found[1]),
    ignoresCase: collation === "NOCASE",
    isDescending: found[3]?.toUpperCase() === "DESC",
  };
}

export function printIndex({ name, isUnique, columns, where }: IndexForm, table: string): string {
  const list = columns.map(
    (column) =>
      `${quote(column.name)}${column.ignoresCase ? " COLLATE NOCASE" : ""}${column.isDescending ? " DESC" : ""}`,
  );
  const condition = where.trim() === "" ? "" : ` WHERE ${where.trim()}`;
  return `CREATE ${isUnique ? "UNIQUE " : ""}INDEX ${quote(name)} ON ${quote(table)} (${list.join(", ")})${condition}`;
}

/** Follows a renamed field: the server does not rewrite statements. Texts inside the condition stay as they are. */
export function renameColumn(statement: string, from: string, to: string): string {
  const head = HEAD.exec(statement)?.[0] ?? "";
  const rest = statement
    .slice(head.length)
    .replace(/'(?:[^']|'')*'|`([^`]+)`|"([^"]+)"|\[([^\]]+)\]|\b([A-Za-z_]\w*)\b/g, (whole, ...groups) => {
      const name = groups.slice(0, 4).find((group) => group !== undefined);
      return typeof name === "string" && name.toLowerCase() === from.toLowerCase() ? quote(to) : whole;
    });
  return head + rest;
}

/** Does the statement mention this column? */
export function usesColumn(statement: string, column: string): boolean {
  return renameColumn(statement, column, "\u0000") !== statement;
}

/** A name that is free in the whole database, because index names are shared by all collections. */
export function newIndexName(random: string): string {
  return `idx_${random}`;
}

/** The single column of a unique index without condition other than that it is filled; `null` for other indexes. */
export function uniqueColumn(statement: string): string | null {
  const form = parseIndex(statement);
  const [column] = form?.columns ?? [];
  return form?.isUnique && form.columns.length === 1 && column ? column.name : null;
}

function closingParenthesis(text: string): number {
  let depth = 1;
  for (const [at, char] of [...text].entries()) {
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}

function quote(name: string): string {
  return `\`${name.replaceAll("`", "")}\``;
}

function unquote(name: string): string {
  return /^[`"[]/.test(name) ? name.slice(1, -1) : name;
}
