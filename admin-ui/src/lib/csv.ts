/** Writes rows as CSV (RFC 4180). Absent values become empty cells. */

export function toCsv(rows: readonly (readonly (string | null)[])[]): string {
  return rows.map((row) => `${row.map((cell) => quote(asText(cell ?? ""))).join(",")}\r\n`).join("");
}

/** A spreadsheet runs a cell that begins like a formula. A quote in front makes it text. */
function asText(cell: string): string {
  const isNumber = cell !== "" && Number.isFinite(Number(cell));
  return !isNumber && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
