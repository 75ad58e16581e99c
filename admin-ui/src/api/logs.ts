/** The request log. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import { live } from "./live-query.ts";
import type { ApiLogEntry, CountLogsAnswer, ListLogsAnswer } from "./types.gen.ts";

/** Levels: -4 debug, 0 info, 4 warning, 8 error. */
export type LogEntry = ApiLogEntry;

/** A part of the log, newest first. The filter is the language of lists, on `level`, `message`, `data.status` … */
export type LogsQuery = { filter: string; page: number };

const PAGE_SIZE = 50;

export const logsQuery = ({ filter, page }: LogsQuery, isLive: boolean) =>
  queryOptions({
    queryKey: keys.logs(filter, page),
    queryFn: ({ signal }) =>
      client.send<ListLogsAnswer>("/api/logs", {
        query: { filter, page, perPage: PAGE_SIZE, sort: "-@rowid" },
        signal,
      }),
    placeholderData: keepPreviousData,
    ...(isLive ? live(newsOf) : {}),
  });

const DOWNLOAD_PAGE_SIZE = 1000;

/** Nobody reads more than that, and the page has to hold it. */
export const MAX_DOWNLOADED = 20_000;

/** Everything that the filter finds, newest first: the first `MAX_DOWNLOADED`. */
export async function allLogs(filter: string): Promise<LogEntry[]> {
  const entries = new Map<string, LogEntry>();
  for (let page = 1; page <= MAX_DOWNLOADED / DOWNLOAD_PAGE_SIZE; page++) {
    const query = { filter, page, perPage: DOWNLOAD_PAGE_SIZE, sort: "-@rowid" };
    const { items, totalPages } = await client.send<ListLogsAnswer>("/api/logs", { query });
    // New entries push others to the next page.
    for (const entry of items) entries.set(entry.id, entry);
    if (page >= totalPages) break;
  }
  return [...entries.values()];
}

/** Who looks at the log is written into it. That is no news. */
function newsOf({ items }: ListLogsAnswer): string {
  return items
    .filter((entry) => !isOfDashboard(entry))
    .map(({ id }) => id)
    .join();
}

/** What the dashboard asks for again and again by itself. */
function isOfDashboard({ data: { method, url } }: LogEntry): boolean {
  return method === "GET" && typeof url === "string" && /^\/api\/(?:logs|jobs|scripts|crons|webhooks)\b/.test(url);
}

export type LogHour = CountLogsAnswer[number];

const COUNTED_EVERY_MS = 60_000;

export const logStatsQuery = (filter: string, isLive: boolean) =>
  queryOptions({
    queryKey: keys.logStats(filter),
    queryFn: ({ signal }) => client.send<LogHour[]>("/api/logs/stats", { query: { filter }, signal }),
    placeholderData: keepPreviousData,
    // A column of the chart is an hour.
    refetchInterval: isLive ? COUNTED_EVERY_MS : false,
    refetchIntervalInBackground: false,
  });

export function clearLogs(): Promise<void> {
  return client.send("/api/logs", { method: "DELETE" });
}
