/**
 * Pictures of a text that were chosen and are not stored yet. The file goes into a file field of the same record, and until
 * the server has named it, the text shows it by an address that lives as long as the page.
 */

import { client } from "#api/client.ts";
import type { RecordChange } from "#api/record-writes.ts";
import type { Field, StoredRecord } from "#api/types.ts";

type Picture = { file: File /** As soon as it is stored. */; address?: string };

const pictures = new Map<string, Picture>();

/** The address by which a text shows it meanwhile. */
export function addPending(file: File): string {
  const source = URL.createObjectURL(file);
  pictures.set(source, { file });
  return source;
}

/** The text as it is sent: with the addresses of the pictures that have been stored since they were put into it. */
export function sentText(html: string, { convertURLs }: Field): string {
  const text = html.replace(PENDING, (source) => pictures.get(source)?.address ?? source);
  return convertURLs ? text.replaceAll(`="${location.origin}/`, '="/') : text;
}

const PENDING = /blob:[^\s"'<>]+/g;

function pendingIn(html: string): Picture[] {
  const found = html.match(PENDING) ?? [];
  return found.flatMap((source) => pictures.get(source) ?? []).filter(({ address }) => address === undefined);
}

/** What is sent first, and the texts that have to wait until the server has named their pictures. */
export function splitAtPictures(
  change: RecordChange,
  fields: readonly Field[],
): { now: RecordChange; later: Record<string, string> } {
  const now = { ...change, values: { ...change.values } };
  const later: Record<string, string> = {};
  for (const { name, type } of fields) {
    const html = change.values[name];
    if (type !== "editor" || typeof html !== "string" || pendingIn(html).length === 0) continue;
    later[name] = html;
    // Not left out: a text may be required. It is nobody's address.
    now.values[name] = html.replace(PENDING, "");
  }
  return { now, later };
}

/** Learns the addresses from the names that the server gave, which stand in the order of the files that were sent. */
export function rememberStored(change: RecordChange, saved: StoredRecord): void {
  for (const [name, { list }] of Object.entries(change.files)) {
    const stored = saved[name];
    const names: unknown[] = Array.isArray(stored) ? stored : [stored];
    list.forEach((item, index) => {
      const picture = item instanceof File && [...pictures.values()].find(({ file }) => file === item);
      const given = names[index];
      if (picture && typeof given === "string") picture.address = client.files.getURL(saved, given);
    });
  }
}

/** Whether a text shows a picture that is chosen, and is in no field any more. */
export function hasLostPicture(html: unknown, files: readonly unknown[]): boolean {
  return typeof html === "string" && pendingIn(html).some(({ file }) => !files.includes(file));
}
