/** The owner's scripts: the files, what they handle, and a place to try things out. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ClientResponseError } from "pocketbase";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import { liveQuery } from "./live-query.ts";
import type { LogEntry } from "./logs.ts";
import type {
  CheckScriptAnswer,
  ListLogsAnswer,
  ListScriptsAnswer,
  RunScriptAnswer,
  ViewScriptAnswer,
} from "./types.gen.ts";

export type Scripts = ListScriptsAnswer;
export type ScriptInfo = Scripts["files"][number];
export type ScriptKind = ScriptInfo["kind"];
export type ScriptHandler = ScriptInfo["handlers"][number];
/** A mistake and its place. Line and column count from 1; line 0 is an unknown place. */
export type ScriptMistake = NonNullable<Scripts["problem"]>;
/** `hash` is that of the text: who saves says with it which text was changed. */
export type ScriptFile = ViewScriptAnswer;
export type ScriptOutcome = RunScriptAnswer;

const MAX_LOG_LINES = 200;

export const scriptsQuery = () =>
  queryOptions({
    queryKey: keys.scriptFiles(),
    queryFn: ({ signal }) => client.send<Scripts>("/api/scripts", { signal }),
    ...liveQuery,
  });

export const scriptQuery = (name: string) =>
  queryOptions({
    queryKey: keys.scriptFile(name),
    queryFn: ({ signal }) => client.send<ScriptFile>(filePath(name), { signal }),
  });

/** What is wrong with a text, as if it were stored under the name. */
export const scriptCheckQuery = (name: string, text: string) =>
  queryOptions({
    queryKey: keys.scriptCheck(name, text),
    queryFn: ({ signal }) =>
      client.send<CheckScriptAnswer>("/api/scripts/check", { method: "POST", body: { name, text }, signal }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });

/** The newest lines that scripts have written, those of a file or of all. */
export const scriptLogQuery = (file: string | undefined) =>
  queryOptions({
    queryKey: keys.scriptLog(file),
    queryFn: async ({ signal }): Promise<LogEntry[]> => {
      const parts = ["data.type = 'script'", ...(file === undefined ? [] : [`data.file = ${JSON.stringify(file)}`])];
      const query = { filter: parts.join(" && "), perPage: MAX_LOG_LINES, sort: "-@rowid", skipTotal: true };
      return (await client.send<ListLogsAnswer>("/api/logs", { query, signal })).items;
    },
    ...liveQuery,
  });

/** `hash` is that of the text that was changed, and is left out for a new file. */
export function saveScript(name: string, text: string, hash: string | undefined): Promise<ScriptFile> {
  return client.send<ScriptFile>(filePath(name), { method: "PUT", body: { text, hash } });
}

/** The text stays. Files that need another one under its old name keep it from being renamed. */
export function renameScript({ name, text, hash }: ScriptFile, to: string): Promise<ScriptFile> {
  return client.send<ScriptFile>(filePath(to), { method: "PUT", body: { text, hash, from: name } });
}

export function deleteScript(name: string, hash: string): Promise<void> {
  return client.send(filePath(name), { method: "DELETE", query: { hash } });
}

/** Runs a text with all rights. What it writes is undone, unless it is to be kept. */
export function runScript(text: string, keep: boolean): Promise<ScriptOutcome> {
  return client.send<ScriptOutcome>("/api/scripts/run", { method: "POST", body: { text, keep } });
}

/** The mistake because of which a text was not saved, if that is why. */
export function mistakeOf(error: unknown): Omit<ScriptMistake, "at"> | null {
  if (!(error instanceof ClientResponseError)) return null;
  const { code, message, params } = Object(error.response.data?.text);
  if (code !== "validation_invalid_script" || typeof message !== "string") return null;
  const { file, line, column } = Object(params);
  return { file: String(file ?? ""), line: Number(line ?? 0), column: Number(column ?? 0), message };
}

/** Whether somebody else has changed the file since it was read. */
export function isConflict(error: unknown): boolean {
  return error instanceof ClientResponseError && error.status === 409;
}

/** As one part of the path, or the browser would resolve dots in the name. */
function filePath(name: string): string {
  return `/api/scripts/files/${encodeURIComponent(name)}`;
}
