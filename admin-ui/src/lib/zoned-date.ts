/**
 * Moments between how they are stored, as `2026-11-20 21:52:35.176Z`, and how an input for date and time has them,
 * as `2026-11-20T22:52:35.176` in a zone. A value at midnight UTC is a day without a time, as everywhere else here.
 */

export type Zone = "local" | "utc";

const DAY_MS = 86_400_000;

export function isDay(stored: string): boolean {
  const date = parseStored(stored);
  return date !== null && date.getTime() % DAY_MS === 0;
}

function parseStored(stored: string): Date | null {
  const date = new Date(stored.replace(" ", "T"));
  return stored === "" || Number.isNaN(date.getTime()) ? null : date;
}

/** The value of `<input type="date">`. */
export function toDayInput(stored: string): string {
  return parseStored(stored)?.toISOString().slice(0, 10) ?? "";
}

export function fromDayInput(typed: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(typed) ? toStored(new Date(`${typed}T00:00:00Z`)) : "";
}

/** The value of `<input type="datetime-local">`. Seconds and milliseconds are left out where they are zero. */
export function toTimeInput(stored: string, zone: Zone): string {
  const date = parseStored(stored);
  if (!date) return "";
  const iso = zone === "utc" ? date.toISOString().slice(0, -1) : localIso(date);
  return iso.replace(/(:00)?\.000$/, "");
}

/** By the calendar of the zone, because offsets of long ago were not whole minutes. */
function localIso(date: Date): string {
  const pad = (number: number, length = 2) => String(number).padStart(length, "0");
  const day = `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  return `${day}T${time}.${pad(date.getMilliseconds(), 3)}`;
}

export function fromTimeInput(typed: string, zone: Zone): string {
  if (typed === "") return "";
  const date = new Date(zone === "utc" ? `${typed}Z` : typed);
  return Number.isNaN(date.getTime()) ? "" : toStored(date);
}

/** The form in which the server stores and sends dates. */
export function toStored(date: Date): string {
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().replace("T", " ");
}

/** How far the browser's zone is from UTC at that moment, as `UTC+2` or `UTC−3:30`. */
export function zoneOffset(stored: string): string {
  const minutes = -(parseStored(stored) ?? new Date()).getTimezoneOffset();
  if (minutes === 0) return "UTC";
  const size = Math.abs(minutes);
  const rest = size % 60;
  return `UTC${minutes < 0 ? "−" : "+"}${Math.floor(size / 60)}${rest === 0 ? "" : `:${String(rest).padStart(2, "0")}`}`;
}

/** As `Europe/Berlin`. */
export function zoneName(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
