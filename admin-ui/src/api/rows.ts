/** Single writes of a grid, and what came of them in the terms of its queue. */

import type { Outcome, Values } from "#lib/grid/unsaved.ts";
import { client } from "./client.ts";
import { explain } from "./errors.ts";
import { relations } from "./records.ts";
import type { Collection, StoredRecord } from "./types.ts";

const RETRY_MS = 3_000;

export async function saveRow(
  collection: Collection,
  id: string | null,
  values: Values,
): Promise<Outcome<StoredRecord>> {
  const service = client.collection(collection.name);
  const options = { expand: relations(collection) };
  try {
    const record =
      id === null
        ? await service.create<StoredRecord>(values, options)
        : await service.update<StoredRecord>(id, values, options);
    return { status: "saved", record };
  } catch (error) {
    return outcomeOf(error);
  }
}

export async function deleteRow(collection: Collection, id: string): Promise<Outcome<null>> {
  try {
    await client.collection(collection.name).delete(id);
    return { status: "saved", record: null };
  } catch (error) {
    // Somebody else has been faster.
    if (explain(error).kind === "missing") return { status: "saved", record: null };
    return outcomeOf(error);
  }
}

/** Trouble that passes by itself is waited for; the rest is for the person to mend. */
function outcomeOf(error: unknown): Outcome<never> {
  const { kind, message, fields, retryAfterSeconds } = explain(error);
  if (kind === "offline" || kind === "server") return { status: "later", afterMs: RETRY_MS, message };
  if (kind === "too-many") return { status: "later", afterMs: (retryAfterSeconds ?? 3) * 1000, message };
  return { status: "refused", refusal: { message, fields } };
}
