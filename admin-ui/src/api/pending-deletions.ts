/**
 * Deletions that can still be taken back. A deleted record cannot be restored in full: its files are gone, and so are
 * the records that went with it. So the request waits while the page offers to undo it, and what waits is hidden. A page
 * that is closed meanwhile sends it.
 */

import { useSyncExternalStore } from "react";
import { client } from "./client.ts";

type PendingDeletion = {
  undo: () => void;
  /** Sends the request. Rejects when the server refuses; the record shows again then. */
  carryOut: () => Promise<void>;
};

const NONE: ReadonlySet<string> = new Set();

let pending: ReadonlyMap<string, ReadonlySet<string>> = new Map();
const listeners = new Set<() => void>();

export function deleteSoon(collection: string, id: string): PendingDeletion {
  setPending(collection, id, true);
  return {
    undo: () => setPending(collection, id, false),
    carryOut: async () => {
      if (!pending.get(collection)?.has(id)) return;
      try {
        await client.collection(collection).delete(id);
      } finally {
        setPending(collection, id, false);
      }
    },
  };
}

/** The ids that are to be deleted, and are not to be shown. */
export function usePendingDeletions(collection: string): ReadonlySet<string> {
  return useSyncExternalStore(subscribe, () => pending.get(collection) ?? NONE);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function setPending(collection: string, id: string, isPending: boolean): void {
  const ids = new Set(pending.get(collection));
  if (isPending) ids.add(id);
  else ids.delete(id);
  pending = new Map(pending).set(collection, ids);
  for (const listener of listeners) listener();
}

globalThis.addEventListener?.("pagehide", () => {
  for (const [collection, ids] of pending) {
    for (const id of ids) {
      client
        .collection(collection)
        .delete(id, { keepalive: true })
        .catch(() => undefined);
    }
  }
});
