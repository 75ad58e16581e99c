/** Changes of a collection's records as they happen, made by any client. Views send none. */

import { client } from "./client.ts";
import { relations } from "./records.ts";
import { keepSubscribed, watchReconnections } from "./subscriptions.ts";
import type { Collection, StoredRecord } from "./types.ts";

export type RowChange = { action: "create" | "update" | "delete"; record: StoredRecord };

/**
 * Calls back until the returned function is called. Without a connection it is silent. When a lost one is there again,
 * changes may have been missed.
 */
export function watchRows(
  collection: Collection,
  onChange: (change: RowChange) => void,
  onMissed: () => void,
): () => void {
  if (collection.type === "view") return () => undefined;
  let isOver = false;
  const options = { expand: relations(collection) };
  const stop = keepSubscribed(() =>
    client.collection(collection.name).subscribe<StoredRecord>(
      "*",
      ({ action, record }) => {
        if (isOver) return;
        if (action === "create" || action === "update" || action === "delete") onChange({ action, record });
      },
      options,
    ),
  );
  const stopNoticing = watchReconnections(onMissed);
  return () => {
    isOver = true;
    stop();
    stopNoticing();
  };
}
