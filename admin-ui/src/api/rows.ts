/** Writes of a grid, one by one or many in one request, and what came of them in the terms of its queue. */

import { type BatchService, ClientResponseError } from "pocketbase";
import { pause } from "#lib/breathe.ts";
import type { Outcome, Values } from "#lib/grid/unsaved.ts";
import { client } from "./client.ts";
import { explain } from "./errors.ts";
import { relations } from "./records.ts";
import type { Collection, StoredRecord } from "./types.ts";

const RETRY_MS = 3_000;

/** `id` is `null` for a record that is to be created. */
export type RowWrite = { id: string | null; values: Values };

/**
 * Writes records in one request, which the server carries out as a whole or not at all. A record that it refuses is left
 * out of the next attempt, so every record has an outcome of its own. Where the server takes no such requests, or not so
 * many records in one, they are written one by one.
 */
export function saveRows(collection: Collection, writes: readonly RowWrite[]): Promise<Outcome<StoredRecord>[]> {
  const options = { expand: relations(collection) };
  const sent = writes.map(({ id, values }) => ({ id, values: withQuotedTexts(collection, values) }));
  return eachOf(sent, {
    add: (batch, { id, values }) => {
      const service = batch.collection(collection.name);
      if (id === null) service.create(values, options);
      else service.update(id, values, options);
    },
    savedAs: (body) => body as StoredRecord, // the shape that the server documents
    explained: outcomeOf,
    alone: ({ id, values }) => saveRow(collection, id, values),
  });
}

/** The server reads texts in JSON fields as JSON if they look like it, so texts are sent as JSON: in quotes. */
function withQuotedTexts({ fields }: Collection, values: Values): Values {
  const quoted = fields.flatMap(({ type, name }): [string, string][] => {
    const value = values[name];
    return type === "json" && typeof value === "string" ? [[name, JSON.stringify(value)]] : [];
  });
  return { ...values, ...Object.fromEntries(quoted) };
}

/** Deletes records, in one request as far as possible. What is gone already counts as deleted. */
export function deleteRows(collection: Collection, ids: readonly string[]): Promise<Outcome<null>[]> {
  return eachOf(ids, {
    add: (batch, id) => batch.collection(collection.name).delete(id),
    savedAs: () => null,
    explained: deletionOutcome,
    alone: (id) => deleteRow(collection, id),
  });
}

/** After so many refusals in one request, the others are written one by one: each refusal undoes the whole request. */
const MAX_REFUSALS = 3;

/** How one kind of write is sent, with others or alone. */
type Kind<Write, Saved> = {
  add: (batch: BatchService, write: Write) => void;
  savedAs: (body: unknown) => Saved;
  explained: (error: unknown) => Outcome<Saved>;
  alone: (write: Write) => Promise<Outcome<Saved>>;
};

async function eachOf<Write, Saved>(writes: readonly Write[], kind: Kind<Write, Saved>): Promise<Outcome<Saved>[]> {
  const outcomes = new Map<Write, Outcome<Saved>>();
  let left = [...writes];
  while (left.length > 1 && outcomes.size < MAX_REFUSALS) {
    const answer = await sendTogether(left, kind);
    if (answer === null) break;
    if ("bodies" in answer) {
      left.forEach((write, index) => {
        outcomes.set(write, { status: "saved", record: kind.savedAs(answer.bodies[index]) });
      });
      left = [];
      break;
    }
    if (answer.outcome.status === "later") return writes.map((write) => outcomes.get(write) ?? answer.outcome);
    outcomes.set(answer.write, answer.outcome);
    left = left.filter((write) => write !== answer.write);
  }
  let trouble: Outcome<Saved> | null = null;
  for (const write of left) {
    const outcome: Outcome<Saved> = trouble ?? (await kind.alone(write));
    // What made this one wait holds for the others.
    if (outcome.status === "later") trouble = outcome;
    outcomes.set(write, outcome);
  }
  return writes.flatMap((write) => outcomes.get(write) ?? []);
}

type Answer<Write, Saved> = { bodies: unknown[] } | { write: Write; outcome: Outcome<Saved> };

/** What was stored, the write that stood in the way, or `null` when they cannot be sent together. */
async function sendTogether<Write, Saved>(
  writes: readonly Write[],
  kind: Kind<Write, Saved>,
): Promise<Answer<Write, Saved> | null> {
  // Several of these begin together, and each takes some milliseconds to write down.
  await pause();
  const batch = client.createBatch();
  for (const write of writes) kind.add(batch, write);
  try {
    return { bodies: (await batch.send()).map(({ body }) => body) };
  } catch (error) {
    const whole = kind.explained(error);
    const [first] = writes;
    if (whole.status === "later" && first !== undefined) return { write: first, outcome: whole };
    const failed = error instanceof ClientResponseError ? failedIn(error) : null;
    const write = failed ? writes[failed.index] : undefined;
    return failed && write !== undefined ? { write, outcome: kind.explained(failed.error) } : null;
  }
}

/** Which of the requests failed, and how. */
function failedIn({ response }: ClientResponseError): { index: number; error: ClientResponseError } | null {
  for (const [index, failed] of Object.entries(Object(response.data?.requests))) {
    const { response: own } = Object(failed) as { response?: { status?: number } }; // any JSON may stand here
    if (own?.status) return { index: Number(index), error: new ClientResponseError({ status: own.status, data: own }) };
  }
  return null;
}

async function saveRow(collection: Collection, id: string | null, values: Values): Promise<Outcome<StoredRecord>> {
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

async function deleteRow(collection: Collection, id: string): Promise<Outcome<null>> {
  try {
    await client.collection(collection.name).delete(id);
    return { status: "saved", record: null };
  } catch (error) {
    return deletionOutcome(error);
  }
}

/** Somebody else may have been faster. To a guest, the server says the same of records that are there. */
function deletionOutcome(error: unknown): Outcome<null> {
  return explain(error).kind === "missing" && client.authStore.token !== ""
    ? { status: "saved", record: null }
    : outcomeOf(error);
}

/** Trouble that passes by itself is waited for; the rest is for the person to mend. */
function outcomeOf(error: unknown): Outcome<never> {
  const { kind, message, fields, retryAfterSeconds } = explain(error);
  if (kind === "offline" || kind === "server") return { status: "later", afterMs: RETRY_MS, message };
  if (kind === "too-many") return { status: "later", afterMs: (retryAfterSeconds ?? 3) * 1000, message };
  return { status: "refused", refusal: { message, fields } };
}
