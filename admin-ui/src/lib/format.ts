/** Numbers, dates and sizes as people read them, in the locale of `locale.ts`. */

import { locale } from "./locale.ts";

/** Formatters are costly to make and needed per cell, so each is made once, when first used: the locale is known then. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Likewise, one for each number of decimals that are always shown. */
function byDecimals(make: (decimals: number) => Intl.NumberFormat): (decimals: number) => Intl.NumberFormat {
  const made = new Map<number, Intl.NumberFormat>();
  return (decimals) => {
    const format = made.get(decimals) ?? make(decimals);
    made.set(decimals, format);
    return format;
  };
}

const number = byDecimals((minimumFractionDigits) => {
  return new Intl.NumberFormat(locale(), {
    minimumFractionDigits,
    maximumFractionDigits: Math.max(3, minimumFractionDigits),
  });
});
/** Order 2230 of the year 2026 is not 2,230 of 2,026, so stored values are not grouped. */
const plainNumber = byDecimals((minimumFractionDigits) => {
  return new Intl.NumberFormat(locale(), { minimumFractionDigits, maximumFractionDigits: 12, useGrouping: false });
});
const dayAndTime = once(() => new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }));
const exactTime = once(() => new Intl.DateTimeFormat(locale(), { dateStyle: "full", timeStyle: "long" }));
const moment = once(() => new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "medium" }));
/** A value at exactly midnight UTC is a calendar day: shown as that day wherever the reader lives. */
const dayOnly = once(() => new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeZone: "UTC" }));

/** How many of something there are, or a sum with at least so many decimals. */
export function formatNumber(count: number, decimals = 0): string {
  return number(decimals).format(count);
}

/** A number somebody has stored, which may be a name as well as an amount. */
export function formatStoredNumber(value: number, decimals = 0): string {
  return plainNumber(decimals).format(value);
}

export function formatCount(count: number, one: string, many: string): string {
  return `${number(0).format(count)} ${count === 1 ? one : many}`;
}

/** A share from 0 to 1 as "45 %". */
export function formatPercent(share: number): string {
  return share.toLocaleString(locale(), { style: "percent", maximumFractionDigits: 0 });
}

/** Dates come as `2026-11-20 21:52:35.176Z`. */
export function parseDate(text: string): Date | null {
  const date = new Date(text.replace(" ", "T"));
  return text === "" || Number.isNaN(date.getTime()) ? null : date;
}

export function formatDate(text: string): string {
  const date = parseDate(text);
  if (!date) return text;
  return isMidnightUtc(date) ? dayOnly().format(date) : dayAndTime().format(date);
}

export function formatExactDate(text: string): string {
  const date = parseDate(text);
  if (!date) return text;
  return isMidnightUtc(date) ? dayOnly().format(date) : exactTime().format(date);
}

/** A moment with its seconds, also at midnight: when something happened, not which day it is about. */
export function formatMoment(text: string): string {
  const date = parseDate(text);
  return date ? moment().format(date) : text;
}

function isMidnightUtc(date: Date): boolean {
  return date.getTime() % 86_400_000 === 0;
}

const TIME_UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** A length of time in its largest unit, such as "3 days". Less than a minute is a number of seconds. */
export function formatDuration(seconds: number): string {
  const [unit, length] = TIME_UNITS.find(([, length]) => seconds >= length) ?? ["second", 1];
  const options = { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(locale(), options).format(Math.floor(seconds / length));
}

/** How long something took: "132 ms", "15 s". */
export function formatMilliseconds(milliseconds: number): string {
  const isShort = milliseconds < 1000;
  const options = {
    style: "unit",
    unit: isShort ? "millisecond" : "second",
    unitDisplay: "short",
    maximumFractionDigits: isShort ? 0 : 1,
  } as const;
  return new Intl.NumberFormat(locale(), options).format(isShort ? milliseconds : milliseconds / 1000);
}

const relative = once(() => new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }));

/** When something is, seen from `now`: "in 2 minutes", "3 days ago", "now". */
export function formatFromNow(date: Date, now: Date): string {
  const seconds = Math.round((date.getTime() - now.getTime()) / 1000);
  const [unit, length] = TIME_UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return relative().format(Math.trunc(seconds / length), unit);
}

const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** A size as people read it, in units of 1,000. */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 999.5 && unit < BYTE_UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const options = {
    style: "unit",
    unit: BYTE_UNITS[unit],
    // The short form of a byte is a whole word, which some languages have in the singular only.
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits: size < 10 ? 1 : 0,
  };
  return new Intl.NumberFormat(locale(), options as Intl.NumberFormatOptions).format(size); // the literal types got lost
}
