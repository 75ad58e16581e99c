/** Who is signed in to the dashboard. Only superusers can be. */

import { ClientResponseError } from "pocketbase";
import { AS_GUEST, client, session } from "./client.ts";

const superusers = () => client.collection("_superusers");

export function isSignedIn(): boolean {
  return client.authStore.isValid && client.authStore.isSuperuser;
}

export function signedInEmail(): string {
  const email: unknown = client.authStore.record?.email;
  return typeof email === "string" ? email : "";
}

/** The name under which this browser keeps something for the person who is signed in, and for nobody else. */
export function ownKey(name: string): string {
  return `steading_${name}_${session.personId() ?? client.authStore.record?.id ?? ""}`;
}

/** Calls back when the sign-in ends or goes on, for whatever reason, also in another window. */
export const watchSession = session.subscribe;

/** Whether the screens wait for somebody to sign in again. */
export const isSignInOver = session.isOver;

/** Of the person who has to sign in again. */
export function awaitedEmail(): string {
  return session.email();
}

/** Whether the screens are shown although nobody is signed in, because they wait for somebody to sign in again. */
export function keepsScreens(): boolean {
  return session.keepsScreens();
}

/** A second step is asked for when the superusers' collection demands more than a password. */
export type SignInResult = { status: "signed-in" } | { status: "code-needed"; mfaId: string; otpId: string };

export async function signIn(email: string, password: string): Promise<SignInResult> {
  try {
    await superusers().authWithPassword(email, password, AS_GUEST);
    return { status: "signed-in" };
  } catch (error) {
    const mfaId: unknown = error instanceof ClientResponseError ? error.response.mfaId : undefined;
    if (typeof mfaId !== "string") throw error;
    const { otpId } = await superusers().requestOTP(email, AS_GUEST);
    return { status: "code-needed", mfaId, otpId };
  }
}

export async function signInWithCode(otpId: string, code: string, mfaId: string): Promise<void> {
  await superusers().authWithOTP(otpId, code, { mfaId, ...AS_GUEST });
}

/** After the password of `record` was changed: stays signed in if it is one's own. A second step leads to signing in. */
export async function signInAgain(record: { id: string; email?: unknown }, password: string): Promise<void> {
  if (record.id !== client.authStore.record?.id || typeof record.email !== "string") return;
  await signIn(record.email, password).catch(() => undefined);
}

/** Asks for a mail with a link. The answer does not tell whether there is such an account. */
export async function requestNewPassword(email: string): Promise<void> {
  await superusers().requestPasswordReset(email, AS_GUEST);
}

/** Without a question: what is not saved is lost. Deletions that wait are carried out. */
export function signOut(): void {
  session.signOut();
}

/** Asks for a fresh token, so that somebody who uses the dashboard daily stays signed in. */
export async function renewSession(): Promise<void> {
  if (isSignedIn()) await session.check(client.authStore.token);
}

/** Creates the very first superuser with the one-time token of the link that the server printed, and signs in. */
export async function createFirstSuperuser(token: string, email: string, password: string): Promise<void> {
  const body = { email, password, passwordConfirm: password };
  await superusers().create(body, { headers: { Authorization: token } });
  await superusers().authWithPassword(email, password, AS_GUEST);
}
