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

function formatMilliseconds(milliseconds: number): string {
  const digits = milliseconds < 10 ? 2 : 0;
  return `${milliseconds.toLocaleString(locale(), { maximumFractionDigits: digits })} ms`;
}
