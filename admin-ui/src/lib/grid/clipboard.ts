/** Cells as text, the way Excel, Sheets and LibreOffice exchange them: tabs between columns, line ends between rows. */

/** Values with a tab, a line end or a leading quote are put in quotes, and quotes inside are doubled. */
export function writeTsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map(quote).join("\t")).join("\r\n");
}

function quote(text: string): string {
  return /[\t\r\n]|^"/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Reads what a spreadsheet puts on the clipboard. A quote opens a quoted value at the beginning of a cell only, and only
 * if it is closed right before a tab or a line end; any other quote is text.
 */
export function parseTsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  // One line end at the very end closes the last row, it does not open another.
  const end = text.replace(/\r?\n$|\r$/, "").length;
  for (;;) {
    const quoted = text[at] === '"' ? readQuoted(text, at, end) : null;
    const stop = quoted ? quoted.end : endOfPlain(text, at, end);
    row.push(quoted ? quoted.value : text.slice(at, stop));
    at = stop;
    if (at < end && text[at] === "\t") {
      at += 1;
      continue;
    }
    rows.push(row);
    row = [];
    if (at >= end) return rows;
    at += text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
  }
}

function endOfPlain(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && text[at] !== "\t" && text[at] !== "\n" && text[at] !== "\r") at += 1;
  return at;
}

function readQuoted(text: string, from: number, end: number): { value: string; end: number } | null {
  let at = from + 1;
  while (at < end) {
    const next = text.indexOf('"', at);
    if (next === -1 || next >= end) return null;
    if (text[next + 1] === '"' && next + 1 < end) {
      at = next + 2;
      continue;
    }
    const after = next + 1;
    const isClosed = after >= end || text[after] === "\t" || text[after] === "\n" || text[after] === "\r";
    return isClosed ? { value: text.slice(from + 1, next).replaceAll('""', '"'), end: after } : null;
  }
  return null;
}

/** Rows of different length are filled up, so that the block is a rectangle. */
export function squared<T>(rows: readonly (readonly T[])[], filler: T): T[][] {
  const width = Math.max(0, ...rows.map((row) => row.length));
  return rows.map((row) => [...row, ...Array<T>(width - row.length).fill(filler)]);
}

/**
 * The size of the area that a pasted block covers. A block is repeated over a selection that is a multiple of it, as
 * spreadsheets do; else it covers its own size.
 */
export function pastedSize(
  block: { rows: number; columns: number },
  selected: { rows: number; columns: number },
): { rows: number; columns: number } {
  const fits = selected.rows % block.rows === 0 && selected.columns % block.columns === 0;
  return fits ? selected : block;
}
