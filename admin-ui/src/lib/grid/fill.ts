/** What the fill handle writes: it continues a series of numbers, days or numbered names, else it repeats the values. */

const DAY = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}:\d{2}:\d{2}\.\d{3}Z)$/;
const NUMBERED = /^(.*?)(\d+)$/s;

/**
 * Continues `source` by `count` values, forwards or backwards. Backwards, the first value of the result is the one next
 * to the source.
 */
export function continueSeries(source: readonly unknown[], count: number, isBackwards = false): unknown[] {
  if (source.length === 0) return [];
  const values = isBackwards ? [...source].reverse() : source;
  const next = numbers(values) ?? days(values) ?? numbered(values) ?? repeated(values);
  return Array.from({ length: count }, (_, index) => next(index));
}

type Next = (index: number) => unknown;

/** One number alone is repeated; a second one says how far apart they are. */
function numbers(values: readonly unknown[]): Next | null {
  if (values.length < 2 || !values.every((value) => typeof value === "number")) return null;
  const by = sameStep(values as number[]); // every one is a number
  const last = values.at(-1) as number;
  return by === null ? null : (index) => tidy(last + by * (index + 1));
}

/** 0.1 + 0.2 shall be 0.3. Whole numbers are exact, and may have more digits than fractions are rounded to. */
function tidy(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(12));
}

function sameStep(values: readonly number[]): number | null {
  const [first = 0, second = 0] = values;
  const by = second - first;
  for (let index = 2; index < values.length; index++) {
    const found = (values[index] ?? 0) - (values[index - 1] ?? 0);
    if (Math.abs(found - by) > 1e-9 * Math.max(1, Math.abs(by))) return null;
  }
  return by;
}

/** Dates of the server, as `2026-11-20 00:00:00.000Z`. A series by months keeps the day of the month. */
function days(values: readonly unknown[]): Next | null {
  const parts = values.map((value) => DAY.exec(String(value)));
  if (values.length < 2 || parts.some((part) => !part)) return null;
  const times = values.map((value) => Date.parse(String(value).replace(" ", "T")));
  const last = times.at(-1) ?? 0;
  const [, , , day, time] = parts.at(-1) ?? [];
  const months = parts.map((part) => Number(part?.[1]) * 12 + Number(part?.[2]) - 1);
  const monthStep = sameStep(months);
  const isSameDay = parts.every((part) => part?.[3] === day && part?.[4] === time);
  if (monthStep !== null && monthStep !== 0 && isSameDay) {
    return (index) => stamp(addMonths(new Date(last), monthStep * (index + 1)));
  }
  const by = sameStep(times);
  return by === null ? null : (index) => stamp(new Date(last + by * (index + 1)));
}

/** A month without that day gives its last one. */
function addMonths(date: Date, months: number): Date {
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth() + months;
  const [year, inYear] = [Math.floor(month / 12), ((month % 12) + 12) % 12];
  const longest = new Date(Date.UTC(year, inYear + 1, 0)).getUTCDate();
  const moved = new Date(date);
  moved.setUTCFullYear(year, inYear, Math.min(date.getUTCDate(), longest));
  return moved;
}

function stamp(date: Date): string {
  return date.toISOString().replace("T", " ");
}

/** "Table 1", "Table 2" go on with "Table 3". */
function numbered(values: readonly unknown[]): Next | null {
  if (values.length < 2) return null;
  const parts = values.map((value) => (typeof value === "string" ? NUMBERED.exec(value) : null));
  const [, name, digits = ""] = parts[0] ?? [];
  if (!parts.every((part) => part !== null && part[1] === name && part[2] !== undefined && part[2].length < 16)) {
    return null;
  }
  const found = parts.map((part) => Number(part?.[2]));
  const by = sameStep(found);
  if (by === null) return null;
  const width = digits.startsWith("0") ? digits.length : 0;
  return (index) => {
    const value = (found.at(-1) ?? 0) + by * (index + 1);
    return value < 0 ? values.at(-1) : `${name}${String(value).padStart(width, "0")}`;
  };
}

function repeated(values: readonly unknown[]): Next {
  return (index) => values[index % values.length];
}
