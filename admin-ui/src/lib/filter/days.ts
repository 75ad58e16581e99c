/**
 * Where a day begins and ends, as the server keeps times. A field that holds days only keeps them as midnight UTC;
 * one that holds times means the viewer's day.
 */

import type { FilterField } from "./model.ts";

/** `day` is `2026-11-20`. */
export function dayStart(day: string, field: FilterField): string {
  return stored(day, 0, field);
}

export function dayEnd(day: string, field: FilterField): string {
  return stored(day, 1, field);
}

function stored(day: string, later: number, { isDayOnly }: FilterField): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const time = isDayOnly ? new Date(Date.UTC(year, month - 1, date + later)) : new Date(year, month - 1, date + later);
  return Number.isNaN(time.getTime()) ? day : time.toISOString().replace("T", " ");
}

/** The day that begins at this time, `later` days before, or `null` when no day begins then. */
export function dayBeginningAt(text: string, later: number, { isDayOnly }: FilterField): string | null {
  const time = new Date(text.replace(" ", "T"));
  if (Number.isNaN(time.getTime())) return null;
  const isMidnight = isDayOnly
    ? time.getTime() % 86_400_000 === 0
    : time.getHours() + time.getMinutes() + time.getSeconds() + time.getMilliseconds() === 0;
  if (!isMidnight) return null;
  const [year, month, date] = isDayOnly
    ? [time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate()]
    : [time.getFullYear(), time.getMonth(), time.getDate()];
  return new Date(Date.UTC(year, month, date - later)).toISOString().slice(0, 10);
}
