/** What the links in our mails do: confirm an address, set a new password, move to a new address. */

import { readToken } from "#lib/token.ts";
import { client } from "./client.ts";

/** A mail link carries its collection only inside the token; the server accepts the id in place of the name. */
function collectionOf(token: string) {
  return client.collection(readToken(token)?.collectionId ?? "users");
}

export async function confirmVerification(token: string): Promise<void> {
  await collectionOf(token).confirmVerification(token);
}

export async function confirmPasswordReset(token: string, password: string): Promise<void> {
  await collectionOf(token).confirmPasswordReset(token, password, password);
}

export async function confirmEmailChange(token: string, password: string): Promise<void> {
  await collectionOf(token).confirmEmailChange(token, password);
}
