/** The people who may do everything: who they are, and how they sign in. */

import { queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { AuthOptions } from "./types.ts";

export type Superuser = { id: string; email: string; created: string };

const superusers = () => client.collection("_superusers");

export const superusersQuery = () =>
  queryOptions({
    queryKey: keys.superusers(),
    queryFn: ({ signal }) => superusers().getFullList<Superuser>({ sort: "email", signal }),
  });

export function signedInId(): string {
  return client.authStore.record?.id ?? "";
}

export async function addSuperuser(email: string, password: string): Promise<void> {
  await superusers().create({ email, password, passwordConfirm: password });
}

/** Signs the account out everywhere. Changing one's own password needs a new sign-in, which this does. */
export async function changeSuperuserPassword(superuser: Superuser, password: string): Promise<void> {
  await superusers().update(superuser.id, { password, passwordConfirm: password });
  if (superuser.id === signedInId()) await superusers().authWithPassword(superuser.email, password);
}

export async function removeSuperuser(id: string): Promise<void> {
  await superusers().delete(id);
}

/** What of the superusers' collection this screen shows and changes. */
export type SuperuserOptions = Pick<AuthOptions, "mfa" | "otp" | "authToken">;

export const superuserOptionsQuery = () =>
  queryOptions({
    queryKey: [...keys.superusers(), "options"],
    queryFn: ({ signal }) => client.send<SuperuserOptions>("/api/collections/_superusers", { signal }),
  });

/** A second step is a code from a mail, so that has to be on with it. */
export async function setSecondStep(isOn: boolean): Promise<void> {
  await client.send("/api/collections/_superusers", {
    method: "PATCH",
    body: isOn ? { mfa: { enabled: true }, otp: { enabled: true } } : { mfa: { enabled: false } },
  });
}
