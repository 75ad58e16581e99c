/** Creating and changing single records, with files and the progress of their upload. */

import { client } from "./client.ts";
import type { StoredRecord } from "./types.ts";
import { type OnProgress, uploadFetch } from "./upload-fetch.ts";

/** What a file field shall hold, in order: names of files that are stored already, and new files. */
type FileList = (string | File)[];

export type RecordChange = {
  values: Record<string, unknown>;
  files: Record<string, { isMultiple: boolean; list: FileList }>;
};

export async function createRecord(
  collection: string,
  change: RecordChange,
  onProgress?: OnProgress,
): Promise<StoredRecord> {
  const service = client.collection(collection);
  return await service.create<StoredRecord>(toBody(change), sendOptions(change, onProgress));
}

export async function updateRecord(
  collection: string,
  id: string,
  change: RecordChange,
  onProgress?: OnProgress,
): Promise<StoredRecord> {
  const service = client.collection(collection);
  const saved = await service.update<StoredRecord>(id, toBody(change), sendOptions(change, onProgress));
  const order = orderAfterUpload(change, saved);
  // The server puts new files behind the stored ones; another order needs their names, which it has just given.
  return order ? await service.update<StoredRecord>(id, order) : saved;
}

function sendOptions({ files }: RecordChange, onProgress?: OnProgress) {
  const hasUpload = Object.values(files).some(({ list }) => list.some(isFile));
  return hasUpload && onProgress ? { fetch: uploadFetch(onProgress) } : {};
}

/** JSON where there is nothing to upload, else a form whose values travel as JSON in one part. */
export function toBody({ values, files }: RecordChange): Record<string, unknown> | FormData {
  const json: Record<string, unknown> = { ...values };
  const uploads: [string, File][] = [];
  for (const [field, { isMultiple, list }] of Object.entries(files)) {
    const kept = list.filter((item) => typeof item === "string");
    const added = list.filter(isFile);
    if (isMultiple) json[field] = kept;
    else if (added.length === 0) json[field] = kept[0] ?? "";
    for (const file of added) uploads.push([isMultiple ? `${field}+` : field, file]);
  }
  if (uploads.length === 0) return json;
  const form = new FormData();
  form.append("@jsonPayload", JSON.stringify(json));
  for (const [key, file] of uploads) form.append(key, file);
  return form;
}

/** The names in the wanted order, for the fields where the server's order is another one. */
export function orderAfterUpload({ files }: RecordChange, saved: StoredRecord): Record<string, string[]> | null {
  const orders: Record<string, string[]> = {};
  for (const [field, { isMultiple, list }] of Object.entries(files)) {
    const names = saved[field];
    if (!isMultiple || !Array.isArray(names)) continue;
    const added = names.slice(list.filter((item) => typeof item === "string").length);
    const wanted = list.map((item) => (typeof item === "string" ? item : added.shift()));
    if (wanted.some((name, index) => name !== names[index]))
      orders[field] = wanted.filter((name) => name !== undefined);
  }
  return Object.keys(orders).length === 0 ? null : orders;
}

function isFile(item: string | File): item is File {
  return typeof item !== "string";
}
