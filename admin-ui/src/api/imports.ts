/** Imports: a file is uploaded, the server reads it and suggests a plan, and the plan is tried or carried out. */

import { queryOptions } from "@tanstack/react-query";
import { ClientResponseError } from "pocketbase";
import { readEvents, type ServerEvent } from "#lib/server-events.ts";
import { errorOf } from "./answer-error.ts";
import { client, session } from "./client.ts";
import { keys } from "./keys.ts";
import type {
  ApiImport,
  ApiImportPlan,
  ApiImportProgress,
  ApiImportResult,
  ApiImportSummary,
  ApiImportUndoPreview,
  ListImportsAnswer,
  RereadImportBody,
} from "./types.gen.ts";

export type Import = ApiImport;
export type ImportColumn = ApiImport["columns"][number];
export type ImportPlan = ApiImportPlan;
export type PlanColumn = ApiImportPlan["columns"][number];
export type ImportProgress = ApiImportProgress;
export type ImportResult = ApiImportResult;
export type ImportSummary = ApiImportSummary;
export type UndoPreview = ApiImportUndoPreview;

/** How the file is to be read. `null` is detected. */
export type ReadingOptions = RereadImportBody;

/** What the signed-in superuser has brought in during the last day, newest first. */
export const importsQuery = () =>
  queryOptions({
    queryKey: keys.imports(),
    queryFn: async ({ signal }) => (await client.send<ListImportsAnswer>("/api/imports", { signal })).items,
  });

export const importQuery = (id: string) =>
  queryOptions({
    queryKey: keys.import(id),
    queryFn: ({ signal }) => client.send<Import>(`/api/imports/${encodeURIComponent(id)}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

/** Uploads a file. `fetch` does not tell how far an upload is, so this is an `XMLHttpRequest`. */
export function uploadImport(
  file: File,
  collection: string | undefined,
  onProgress: (share: number) => void,
): Promise<Import> {
  const form = new FormData();
  if (collection) form.set("collection", collection);
  form.set("file", file);
  const send = () =>
    new Promise<Import>((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", client.buildURL("/api/imports"));
      request.setRequestHeader("Authorization", client.authStore.token);
      request.responseType = "json";
      request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
      request.onerror = () => reject(new ClientResponseError({ status: 0 }));
      request.onload = () => {
        if (request.status === 200)
          resolve(request.response as Import); // the shape that the server documents
        else reject(new ClientResponseError({ status: request.status, data: request.response ?? {} }));
      };
      request.send(form);
    });
  return session.run(send);
}

export function readAgain(id: string, options: ReadingOptions): Promise<Import> {
  return client.send<Import>(`/api/imports/${encodeURIComponent(id)}`, { method: "PATCH", body: options });
}

type RunOptions = { isDryRun: boolean; onProgress: (progress: ImportProgress) => void; signal: AbortSignal };

/** Tries the plan or carries it out. Aborting cancels it: nothing is written then. */
export async function runImport(id: string, plan: ImportPlan, options: RunOptions): Promise<ImportResult> {
  const { isDryRun, onProgress, signal } = options;
  const body = await session.run(async () => {
    const response = await fetch(client.buildURL(`/api/imports/${encodeURIComponent(id)}/run`), {
      method: "POST",
      headers: { Authorization: client.authStore.token, "Content-Type": "application/json" },
      body: JSON.stringify({ plan, dryRun: isDryRun }),
      signal,
    });
    if (!response.ok || !response.body) throw await errorOf(response);
    return response.body;
  }, signal);
  for await (const { event, data } of readEvents(body)) {
    if (event === "progress") onProgress(JSON.parse(data) as ImportProgress); // the shapes that the server documents
    if (event === "result") return JSON.parse(data) as ImportResult;
    if (event === "error") throw failure({ event, data });
  }
  throw new ClientResponseError({ status: 0 });
}

function failure({ data }: ServerEvent): ClientResponseError {
  const body: { status?: number } = JSON.parse(data);
  return new ClientResponseError({ status: body.status ?? 500, data: body });
}

export function previewUndo(id: string): Promise<UndoPreview> {
  return client.send<UndoPreview>(`/api/imports/${encodeURIComponent(id)}/undo`, {});
}

/** Without `force`, only what nobody has touched since is undone. */
export async function undoImport(id: string, force: boolean): Promise<void> {
  await client.send(`/api/imports/${encodeURIComponent(id)}/undo`, { method: "POST", body: { force } });
}

export async function forgetImport(id: string): Promise<void> {
  await client.send(`/api/imports/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export type ExportFormat = "csv" | "xlsx" | "json";

type ExportQuery = { format: ExportFormat; filter?: string; sort?: string; fields?: string };

/** An address that downloads the records. It works for a few minutes. */
export async function exportAddress(collection: string, query: ExportQuery): Promise<string> {
  const token = await client.files.getToken();
  const parameters = new URLSearchParams({ format: query.format, token });
  if (query.format === "csv") parameters.set("bom", "true");
  for (const name of ["filter", "sort", "fields"] as const) {
    if (query[name]) parameters.set(name, query[name]);
  }
  return client.buildURL(`/api/collections/${encodeURIComponent(collection)}/export?${parameters}`);
}
