/** The server leaves hours without entries out. A chart needs them, or time would run unevenly. */

import type { LogHour } from "#api/logs.ts";
import { parseDate } from "#lib/format.ts";

const HOUR_MS = 3_600_000;
/** Ten days. More bars than that are thinner than a pixel. */
const MAX_HOURS = 240;

export function fillHours(hours: readonly LogHour[]): LogHour[] {
  const totals = new Map<number, number>();
  for (const { date, total } of hours) {
    const time = parseDate(date)?.getTime();
    if (time !== undefined) totals.set(Math.floor(time / HOUR_MS), total);
  }
  const last = Math.max(...totals.keys());
  if (!Number.isFinite(last)) return [];
  // At least a day, so that the first hour of a new server is not one wide bar.
  const first = Math.max(Math.min(...totals.keys(), last - 23), last - MAX_HOURS + 1);
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    date: new Date((first + index) * HOUR_MS).toISOString().replace("T", " "),
    total: totals.get(first + index) ?? 0,
  }));
}
