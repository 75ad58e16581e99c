/** Subscriptions to changes. They belong to a sign-in, so a new one starts them again. */

import { client, session } from "./client.ts";

type Start = () => Promise<() => Promise<void>>;

type Subscription = { start: Start; started: Promise<() => Promise<void>> };

const all = new Set<Subscription>();

/** Without a connection it is silent. Returns what ends it. */
export function keepSubscribed(start: Start): () => void {
  const subscription = { start, started: begin(start) };
  all.add(subscription);
  return () => {
    all.delete(subscription);
    void end(subscription);
  };
}

/** Calls back when a lost connection is there again: nobody has told what happened meanwhile. */
export function watchReconnections(onReconnect: () => void): () => void {
  return keepSubscribed(() => {
    let isThere = false;
    const subscribed = client.realtime.subscribe("PB_CONNECT", () => {
      if (isThere) onReconnect();
    });
    // The listener hears of the first connection before this.
    return subscribed.finally(() => {
      isThere = true;
    });
  });
}

// When all have ended, the library closes the connection, and opens another one for the first that begins.
session.subscribe(async (change) => {
  if (change !== "resumed") return;
  const again = [...all];
  await Promise.all(again.map(end));
  for (const subscription of again) if (all.has(subscription)) subscription.started = begin(subscription.start);
});

function begin(start: Start): Subscription["started"] {
  const started = start();
  started.catch(() => undefined);
  return started;
}

async function end({ started }: Subscription): Promise<void> {
  await started.then((stop) => stop()).catch(() => undefined);
}
