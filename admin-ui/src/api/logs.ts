/** The request log. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";

export type LogEntry = {
  id: string;
  created: string;
  /** -4 debug, 0 info, 4 warning, 8 error. */
  level: number;
  message: string;
  data: Record<string, unknown>;
};

/** A part of the log, newest first. The filter is the language of lists, on `level`, `message`, `data.status` … */
export type LogsQuery = { filter: string; page: number };

const PAGE_SIZE = 50;

export const logsQuery = ({ filter, page }: LogsQuery, refetchInterval: number | false) =>
  queryOptions({
    queryKey: keys.logs(filter, page),
    queryFn: ({ signal }) =>
      client.send<{ items: LogEntry[]; totalItems: number; totalPages: number }>("/api/logs", {
        query: { filter, page, perPage: PAGE_SIZE, sort: "-@rowid" },
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchInterval,
  });

export type LogHour = { date: string; total: number };

export const logStatsQuery = (filter: string, refetchInterval: number | false) =>
  queryOptions({
    queryKey: keys.logStats(filter),
    queryFn: ({ signal }) => client.send<LogHour[]>("/api/logs/stats", { query: { filter }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval,
  });

export function clearLogs(): Promise<void> {
  return client.send("/api/logs", { method: "DELETE" });
}
