/**
 * Deletions that can still be taken back. A deleted record cannot be restored in full: its files are gone, and so are
 * the records that went with it. So the requests wait while the page offers to undo them, and what waits is hidden. They
 * are sent when the page is closed meanwhile, or somebody signs out.
 */

import { useSyncExternalStore } from "react";
import { beforeLeaving } from "./before-leaving.ts";
import { client } from "./client.ts";
import { deleteRows } from "./rows.ts";
import type { Collection } from "./types.ts";

export type PendingDeletion = {
  /** Whether it can still be taken back. */
  isWaiting: () => boolean;
  undo: () => void;
  /**
   * Sends the requests. The records stay hidden until `show`, so that the list without them can come first. Says which
   * are gone, and why others are not.
   */
  carryOut: () => Promise<{ deleted: string[]; problem: string | null }>;
  show: () => void;
};

const NONE: ReadonlySet<string> = new Set();
const IN_ONE_REQUEST = 100;
const REQUESTS_AT_ONCE = 2;

let hidden: ReadonlyMap<string, ReadonlySet<string>> = new Map();
/** Those whose requests are not sent yet. */
const waiting = new Set<{ collection: string; ids: readonly string[] }>();
const listeners = new Set<() => void>();

export function deleteSoon(collection: Collection, ids: readonly string[]): PendingDeletion {
  const entry = { collection: collection.name, ids };
  waiting.add(entry);
  setHidden(collection.name, ids, true);
  return {
    isWaiting: () => waiting.has(entry),
    undo: () => {
      if (waiting.delete(entry)) setHidden(collection.name, ids, false);
    },
    carryOut: async () => {
      if (!waiting.delete(entry)) return { deleted: [], problem: null };
      return await deleteAll(collection, ids);
    },
    show: () => setHidden(collection.name, ids, false),
  };
}

/** Deletes records without waiting. */
export async function deleteAll(collection: Collection, ids: readonly string[]) {
  const pieces: (readonly string[])[] = [];
  for (let at = 0; at < ids.length; at += IN_ONE_REQUEST) pieces.push(ids.slice(at, at + IN_ONE_REQUEST));
  const deleted: string[] = [];
  let problem: string | null = null;
  const work = async (): Promise<void> => {
    for (let piece = pieces.shift(); piece; piece = pieces.shift()) {
      const outcomes = await deleteRows(collection, piece);
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.status === "saved") deleted.push(piece[index] ?? "");
        else problem = outcome.status === "refused" ? outcome.refusal.message : outcome.message;
      }
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, work));
  return { deleted, problem };
}

/** The ids that are to be deleted, and are not to be shown. */
export function usePendingDeletions(collection: string): ReadonlySet<string> {
  return useSyncExternalStore(subscribe, () => hidden.get(collection) ?? NONE);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function setHidden(collection: string, ids: readonly string[], isHidden: boolean): void {
  const all = new Set(hidden.get(collection));
  for (const id of ids) {
    if (isHidden) all.add(id);
    else all.delete(id);
  }
  hidden = new Map(hidden).set(collection, all);
  for (const listener of listeners) listener();
}

beforeLeaving(() => {
  for (const { collection, ids } of waiting) {
    for (const id of ids) {
      client
        .collection(collection)
        .delete(id, { keepalive: true })
        .catch(() => setHidden(collection, [id], false));
    }
  }
  waiting.clear();
});
