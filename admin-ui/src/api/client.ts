/**
 * The one connection to the server, through the public JavaScript SDK: whatever the dashboard can do, an app can do.
 * This is also the one place that notices that the sign-in is over.
 */

import PocketBase, { LocalAuthStore, type SendOptions } from "pocketbase";
import { parseRetryAfter } from "#lib/retry-after.ts";

/** The public site of the same address may use the SDK too, so the superuser's sign-in has a name of its own. */
const STORAGE_KEY = "steading_superuser";

/** The address an app would use. The dashboard lives in `/_/`, the API beside it. */
export function serverAddress(): string {
  return new URL("..", globalThis.location?.href ?? "http://localhost/_/").href.replace(/\/$/, "");
}

export const client = new PocketBase(serverAddress(), new LocalAuthStore(STORAGE_KEY));

// The query cache decides which requests are still wanted.
client.autoCancellation(false);

client.afterSend = async (response: Response, data: unknown, options?: SendOptions) => {
  const sentToken = new Headers(options?.headers).get("Authorization");
  if (sentToken !== null && sentToken === client.authStore.token) await noticeEndOfSession(response);
  return withRetryAfter(response, data);
};

/**
 * A token that the server no longer accepts makes the caller a guest. Lists then answer 401, records 403: the latter
 * says nothing certain to a superuser, so the server is asked once more before the sign-in is dropped.
 */
async function noticeEndOfSession(response: Response): Promise<void> {
  if (response.status === 401) client.authStore.clear();
  if (response.status !== 403 || response.url.endsWith("/auth-refresh")) return;
  const superusers = client.collection("_superusers");
  await superusers.authRefresh().catch(() => undefined);
}

/** The SDK hides response headers from errors, so the waiting time travels inside the body. */
function withRetryAfter(response: Response, data: unknown): unknown {
  const seconds =
    response.status === 429 ? parseRetryAfter(response.headers.get("Retry-After"), new Date()) : undefined;
  return seconds === undefined ? data : { ...Object(data), retryAfterSeconds: seconds };
}
