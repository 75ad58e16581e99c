/** The request log. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { ApiLogEntry, CountLogsAnswer, ListLogsAnswer } from "./types.gen.ts";

/** Levels: -4 debug, 0 info, 4 warning, 8 error. */
export type LogEntry = ApiLogEntry;

/** A part of the log, newest first. The filter is the language of lists, on `level`, `message`, `data.status` … */
export type LogsQuery = { filter: string; page: number };

const PAGE_SIZE = 50;

export const logsQuery = ({ filter, page }: LogsQuery, refetchInterval: number | false) =>
  queryOptions({
    queryKey: keys.logs(filter, page),
    queryFn: ({ signal }) =>
      client.send<ListLogsAnswer>("/api/logs", {
        query: { filter, page, perPage: PAGE_SIZE, sort: "-@rowid" },
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchInterval,
    // Nobody looks at a hidden tab. When it is shown again, it is asked for once more.
    refetchIntervalInBackground: false,
  });

export type LogHour = CountLogsAnswer[number];

export const logStatsQuery = (filter: string, refetchInterval: number | false) =>
  queryOptions({
    queryKey: keys.logStats(filter),
    queryFn: ({ signal }) => client.send<LogHour[]>("/api/logs/stats", { query: { filter }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval,
    // Nobody looks at a hidden tab. When it is shown again, it is asked for once more.
    refetchIntervalInBackground: false,
  });

export function clearLogs(): Promise<void> {
  return client.send("/api/logs", { method: "DELETE" });
}
