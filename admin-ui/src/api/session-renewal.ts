/** Renews the sign-in while the window is used. A window that nobody touches lets it end. */

import { watchActivity } from "#lib/activity.ts";
import { isWorthRenewing, readToken } from "#lib/token.ts";
import { client } from "./client.ts";
import { renewSession } from "./session.ts";

/** Also the least time between two attempts. */
const LOOK_EVERY_MS = 10_000;

export function renewWhileUsed(): () => void {
  let { token } = client.authStore;
  let obtained = new Date();
  let lastLook = 0;
  const stopNoticing = client.authStore.onChange(() => {
    if (client.authStore.token === token) return;
    token = client.authStore.token;
    obtained = new Date();
  });
  const stopWatching = watchActivity(() => {
    const now = new Date();
    if (now.getTime() - lastLook < LOOK_EVERY_MS) return;
    lastLook = now.getTime();
    const claims = readToken(token);
    if (claims && isWorthRenewing(claims, obtained, now)) renewSession().catch(() => undefined);
  });
  return () => {
    stopNoticing();
    stopWatching();
  };
}
