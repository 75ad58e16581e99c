/**
 * Sees in the first rows what a column may be that the server takes for text: because one of its cells is something else,
 * or because texts fit everything. It is only proposed; the person chooses.
 */

import type { ImportColumn, PlanColumn } from "#api/imports.ts";

export type TypeHint = {
  type: "bool" | "number" | "date" | "email" | "url" | "select";
  /** `few`: so few different values occur that they are a list to choose from. */
  share: "all" | "most" | "few";
};

type Cells = readonly unknown[];

/** So many filled cells it takes to say something about a column. */
const MIN_CELLS = 4;
const MOST = 0.6;
const MAX_CHOICES = 12;
/** How many times each value must occur, on average, to be a list to choose from. */
const MIN_REPEATS = 3;

/** Headings of numbers that nobody adds up. */
const CODE = /(?:^|[^a-z])(?:no|nr|num|nummer|number|id|plz|zip|tel|telefon|phone|fax|code|postcode)(?:[^a-z]|$)/i;

/** What the server reads, or something close to it. */
const PATTERNS = {
  date: /^(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{1,2}[./]\d{1,2}[./]\d{2})(?:[ T]\d.*)?$/,
  email: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
  url: /^https?:\/\/\S+$/i,
  number: /^[-+]?(?!0\d)\d{1,3}(?:[.,' ]?\d{3})*(?:[.,]\d+)?(?:\s?(?:€|\$|£|EUR|USD|GBP|CHF))?$/,
};

export function suggestType(source: ImportColumn, cells: Cells, rows: number): TypeHint | null {
  const fitting = (["bool", "date", "email", "url", "number"] as const).find((type) => source.fits.includes(type));
  if (fitting) return { type: fitting, share: "all" };
  const filled = filledOf(cells);
  if (filled.length < MIN_CELLS) return null;
  for (const type of ["date", "email", "url", "number"] as const) {
    if (type === "number" && CODE.test(source.name)) continue;
    const share = filled.filter((text) => PATTERNS[type].test(text)).length / filled.length;
    if (share >= MOST) return { type, share: "most" };
  }
  const values = source.values ?? [];
  const isList = values.length >= 2 && values.length <= MAX_CHOICES && values.every(isShort);
  const isRepeated = rows - source.blank >= values.length * MIN_REPEATS;
  return source.fits.includes("select") && isList && isRepeated ? { type: "select", share: "few" } : null;
}

/** The sign before the decimals, if the cells agree on it. */
export function decimalOf(cells: Cells): PlanColumn["decimal"] {
  const filled = filledOf(cells);
  const isComma = filled.some((text) => /^[^,]*,(?:\d{1,2}|\d{4,})$/.test(text));
  const isPoint = filled.some((text) => /^[^.]*\.(?:\d{1,2}|\d{4,})$/.test(text));
  if (isComma === isPoint) return null;
  return isComma ? "," : ".";
}

/** Sentences are not chosen from a list. */
function isShort(value: string): boolean {
  return value.length <= 30 && !value.includes("\n");
}

function filledOf(cells: Cells): string[] {
  return cells.flatMap((cell) => (typeof cell === "string" && cell.trim() !== "" ? [cell.trim()] : []));
}
