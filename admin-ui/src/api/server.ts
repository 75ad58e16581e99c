/** The state of the running server: its health, scheduled jobs, backups and log. */

import { queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import { liveQuery } from "./live-query.ts";
import type {
  ApiDatabaseCheck,
  CheckHealthAnswer,
  ListBackupsAnswer,
  ListCronsAnswer,
  RunSqlAnswer,
  ShowServerAnswer,
} from "./types.gen.ts";

/** The server tells it to superusers, and only they see the dashboard. */
export type Health = Required<CheckHealthAnswer["data"]>;

export const healthQuery = () =>
  queryOptions({
    queryKey: keys.health(),
    queryFn: ({ signal }) => client.send<{ data: Health }>("/api/health", { signal }).then(({ data }) => data),
    staleTime: 10_000,
  });

export type ServerInfo = ShowServerAnswer;
export type DatabaseCheck = ApiDatabaseCheck;

const CHECK_POLL_MS = 1_000;

/** Versions, sizes, and the check of the database. Asked for often while a check is under way. */
export const serverQuery = () =>
  queryOptions({
    queryKey: keys.server(),
    queryFn: ({ signal }) => client.send<ServerInfo>("/api/server", { signal }),
    staleTime: 10_000,
    refetchInterval: ({ state }) => (state.data?.check.running ? CHECK_POLL_MS : false),
  });

/** Begins to look for damage, unless that is under way. Does not wait for the result. */
export function startDatabaseCheck(): Promise<DatabaseCheck> {
  return client.send<DatabaseCheck>("/api/server/check", { method: "POST" });
}

export type Cron = ListCronsAnswer[number];

export const cronsQuery = () =>
  queryOptions({
    queryKey: keys.crons(),
    queryFn: ({ signal }) => client.send<Cron[]>("/api/crons", { signal }),
    ...liveQuery,
  });

export function runCron(id: string): Promise<void> {
  return client.send(`/api/crons/${encodeURIComponent(id)}`, { method: "POST" });
}

export type Backup = ListBackupsAnswer[number];

export const backupsQuery = () =>
  queryOptions({
    queryKey: keys.backups(),
    queryFn: async ({ signal }) => {
      const backups = await client.send<Backup[]>("/api/backups", { signal });
      return backups.sort((one, other) => other.modified.localeCompare(one.modified));
    },
  });

export function createBackup(name: string): Promise<void> {
  return client.send("/api/backups", { method: "POST", body: name ? { name } : {} });
}

export function uploadBackup(file: File): Promise<void> {
  const body = new FormData();
  body.set("file", file);
  return client.send("/api/backups/upload", { method: "POST", body });
}

export function deleteBackup(key: string): Promise<void> {
  return client.send(`/api/backups/${encodeURIComponent(key)}`, { method: "DELETE" });
}

/** The server answers, then restarts with the data of the backup. */
export function restoreBackup(key: string): Promise<void> {
  return client.send(`/api/backups/${encodeURIComponent(key)}/restore`, { method: "POST" });
}

/** An address that a browser can open; it works for a few minutes. */
export async function backupAddress(key: string): Promise<string> {
  const token = await client.files.getToken();
  return client.buildURL(`/api/backups/${encodeURIComponent(key)}?token=${encodeURIComponent(token)}`);
}

/** Whether the server answers. Used to wait for a restart. */
export async function isAnswering(): Promise<boolean> {
  return client.send("/api/health", {}).then(
    () => true,
    () => false,
  );
}

export type SqlResult = RunSqlAnswer;

export function runSql(query: string): Promise<SqlResult> {
  return client.send<SqlResult>("/api/sql", { method: "POST", body: { query } });
}
