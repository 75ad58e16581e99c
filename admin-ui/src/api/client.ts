/**
 * The one connection to the server, through the public JavaScript SDK: whatever the dashboard can do, an app can do.
 * Requests wait here while the sign-in is over.
 */

import PocketBase, { ClientResponseError, LocalAuthStore, type RecordAuthResponse, type SendOptions } from "pocketbase";
import { parseRetryAfter } from "#lib/retry-after.ts";
import { hasUnsavedWork } from "#lib/unsaved-work.ts";
import { SessionGuard } from "./session-guard.ts";

/** The public site of the same address may use the SDK too, so the superuser's sign-in has a name of its own. */
const STORAGE_KEY = "steading_superuser";

/** The address an app would use. The dashboard lives in `/_/`, the API beside it. */
export function serverAddress(): string {
  return new URL("..", globalThis.location?.href ?? "http://localhost/_/").href.replace(/\/$/, "");
}

export const client = new PocketBase(serverAddress(), new LocalAuthStore(STORAGE_KEY));

// The query cache decides which requests are still wanted.
client.autoCancellation(false);

client.afterSend = (response: Response, data: unknown) => withRetryAfter(response, data);

/** For requests that do not depend on who is signed in, such as signing in. */
export const AS_GUEST = { headers: { Authorization: "" } };

/** Every request of a signed-in superuser goes through it. */
export const session = new SessionGuard({ store: client.authStore, isAccepted: renew, mayLose: hasUnsavedWork });

const send = client.send.bind(client);

client.send = <Answer>(path: string, options: SendOptions): Promise<Answer> => {
  const isOwn = new Headers(options.headers).has("Authorization");
  return isOwn ? send<Answer>(path, options) : session.run(() => send<Answer>(path, options), options.signal);
};

/** Exchanges the token for one that lasts longer. Returns whether the server accepted it. */
async function renew(token: string): Promise<boolean> {
  try {
    const options = { method: "POST", headers: { Authorization: token } };
    const fresh = await send<RecordAuthResponse>("/api/collections/_superusers/auth-refresh", options);
    // Somebody may have signed out meanwhile.
    if (client.authStore.token === token) client.authStore.save(fresh.token, fresh.record);
    return true;
  } catch (error) {
    return !(error instanceof ClientResponseError && [401, 403, 404].includes(error.status));
  }
}

/** The SDK hides response headers from errors, so the waiting time travels inside the body. */
function withRetryAfter(response: Response, data: unknown): unknown {
  const seconds =
    response.status === 429 ? parseRetryAfter(response.headers.get("Retry-After"), new Date()) : undefined;
  return seconds === undefined ? data : { ...Object(data), retryAfterSeconds: seconds };
}
