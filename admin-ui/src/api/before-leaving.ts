/** For requests that wait: the last moment to send them. */

import { session } from "./client.ts";

/** Calls back when the page is closed, and when somebody signs out, while the token is still there. */
export function beforeLeaving(send: () => void): void {
  globalThis.addEventListener?.("pagehide", send);
  session.subscribe((change) => {
    if (change === "leaving") send();
  });
}
