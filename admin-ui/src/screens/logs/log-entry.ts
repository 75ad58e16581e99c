/** Reads from an entry of the log what the table shows. Entries that are no requests have little of it. */

import type { LogEntry } from "#api/logs.ts";
import { locale } from "#lib/locale.ts";
import { words } from "#words/words.ts";

export type RequestView = { status: string; duration: string; caller: string; why: string };

export function readRequest({ data }: LogEntry): RequestView {
  const { status, execTime, auth, reason, error } = data;
  return {
    status: typeof status === "number" ? String(status) : "",
    duration: typeof execTime === "number" ? formatMilliseconds(execTime) : "",
    caller: typeof auth === "string" ? auth || words().logs.guest : "",
    why: [reason, error].find((text) => typeof text === "string" && text !== "")?.toString() ?? "",
  };
}

/** What a value of an entry is, in words where there are some. */
export function keyName(key: string): string {
  const names: Record<string, string> = words().logs.keys;
  return Object.hasOwn(names, key) ? (names[key] ?? key) : key;
}

/** A value as people read it. */
export function valueText(key: string, value: unknown): string {
  if (key === "execTime" && typeof value === "number") return formatMilliseconds(value);
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

function formatMilliseconds(milliseconds: number): string {
  const digits = milliseconds < 10 ? 2 : 0;
  return `${milliseconds.toLocaleString(locale(), { maximumFractionDigits: digits })} ms`;
}
