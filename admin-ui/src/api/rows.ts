/** Writes of a grid, one by one or many in one request, and what came of them in the terms of its queue. */

import { ClientResponseError } from "pocketbase";
import type { Outcome, Values } from "#lib/grid/unsaved.ts";
import { client } from "./client.ts";
import { explain } from "./errors.ts";
import { relations } from "./records.ts";
import type { Collection, StoredRecord } from "./types.ts";

const RETRY_MS = 3_000;

/** `id` is `null` for a record that is to be created. */
export type RowWrite = { id: string | null; values: Values };

/** After so many refusals in one request, its other records are written one by one: each refusal undoes all of them. */
const MAX_REFUSALS = 3;

/**
 * Writes records in one request, which the server carries out as a whole or not at all. A record that it refuses is left
 * out of the next attempt, so every record has an outcome of its own. Where the server takes no such requests, or not so
 * many records in one, they are written one by one.
 */
export async function saveRows(collection: Collection, writes: readonly RowWrite[]): Promise<Outcome<StoredRecord>[]> {
  const outcomes = new Map<RowWrite, Outcome<StoredRecord>>();
  let left = [...writes];
  while (left.length > 1 && outcomes.size < MAX_REFUSALS) {
    const answer = await sendTogether(collection, left);
    if (answer === null) break;
    if (Array.isArray(answer)) {
      left.forEach((write, index) => {
        const record = answer[index]?.body as StoredRecord; // the shape that the server documents
        outcomes.set(write, { status: "saved", record });
      });
      left = [];
      break;
    }
    const { write, outcome } = answer;
    if (outcome.status === "later") return writes.map((other) => outcomes.get(other) ?? outcome);
    outcomes.set(write, outcome);
    left = left.filter((other) => other !== write);
  }
  let trouble: Outcome<StoredRecord> | null = null;
  for (const write of left) {
    const outcome: Outcome<StoredRecord> = trouble ?? (await saveRow(collection, write.id, write.values));
    // What made this one wait holds for the others.
    if (outcome.status === "later") trouble = outcome;
    outcomes.set(write, outcome);
  }
  return writes.flatMap((write) => outcomes.get(write) ?? []);
}

/** The records, the one that stood in the way, or `null` when they cannot be sent together. */
async function sendTogether(collection: Collection, writes: readonly RowWrite[]) {
  const batch = client.createBatch();
  const service = batch.collection(collection.name);
  const options = { expand: relations(collection) };
  for (const { id, values } of writes) {
    if (id === null) service.create(values, options);
    else service.update(id, values, options);
  }
  try {
    return await batch.send();
  } catch (error) {
    return refusedIn(error, writes);
  }
}

/** Which of the requests failed, and why. */
function refusedIn(
  error: unknown,
  writes: readonly RowWrite[],
): { write: RowWrite; outcome: Outcome<StoredRecord> } | null {
  const whole = outcomeOf(error);
  const [first] = writes;
  if (whole.status === "later" && first) return { write: first, outcome: whole };
  if (!(error instanceof ClientResponseError)) return null;
  for (const [index, failed] of Object.entries(Object(error.response.data?.requests))) {
    const { response } = Object(failed) as { response?: { status?: number } }; // any JSON may stand here
    const write = writes[Number(index)];
    if (!write || !response?.status) continue;
    return { write, outcome: outcomeOf(new ClientResponseError({ status: response.status, data: response })) };
  }
  return null;
}

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
