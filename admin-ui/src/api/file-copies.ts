/** Copies of a record's files, to be uploaded to another record. */

import { client } from "./client.ts";
import type { Collection, StoredRecord } from "./types.ts";

/** The new record's files by field name. Those that cannot be read are left out. */
export async function copyFiles(collection: Collection, record: StoredRecord): Promise<Record<string, File[]>> {
  const fields = collection.fields.filter(({ type, name }) => type === "file" && namesIn(record[name]).length > 0);
  const token = fields.some((field) => field.protected) ? await client.files.getToken() : undefined;
  const copies: Record<string, File[]> = {};
  for (const field of fields) {
    const access = field.protected ? { token } : {};
    const files = await Promise.all(
      namesIn(record[field.name]).map((name) => copyFile(client.files.getURL(record, name, access), name)),
    );
    copies[field.name] = files.filter((file) => file !== null);
  }
  return copies;
}

async function copyFile(address: string, name: string): Promise<File | null> {
  try {
    const answer = await fetch(address);
    if (!answer.ok) return null;
    const content = await answer.blob();
    return new File([content], originalName(name), { type: content.type });
  } catch {
    return null;
  }
}

/** Without the random part that the server has put behind the name, since it will put one there again. */
function originalName(name: string): string {
  return name.replace(/_[a-z0-9]{10}(\.[^.]+(?:\.[^.]+)?)?$/, "$1");
}

function namesIn(value: unknown): string[] {
  const names: unknown[] = Array.isArray(value) ? value : [value];
  return names.filter((name): name is string => typeof name === "string" && name !== "");
}
