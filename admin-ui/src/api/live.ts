/** Changes that others make, as they happen. */

import { client } from "./client.ts";
import { keepSubscribed } from "./subscriptions.ts";
import type { StoredRecord } from "./types.ts";

export type LiveChange = { action: "update" | "delete" | "create"; record: StoredRecord };

/** Calls back for every change of the record until the returned function is called. Without a connection it is silent. */
export function watchRecord(collection: string, id: string, onChange: (change: LiveChange) => void): () => void {
  let isOver = false;
  const stop = keepSubscribed(() =>
    client.collection(collection).subscribe<StoredRecord>(id, ({ action, record }) => {
      if (isOver) return;
      if (action === "update" || action === "delete" || action === "create") onChange({ action, record });
    }),
  );
  return () => {
    isOver = true;
    stop();
  };
}
