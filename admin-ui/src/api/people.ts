/** What a superuser may do for people who sign in: mails, tokens, linked accounts, sign-ins under way. */

import { queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { StoredRecord } from "./types.ts";

export async function sendVerification(collection: string, email: string): Promise<void> {
  await client.collection(collection).requestVerification(email);
}

export async function sendPasswordReset(collection: string, email: string): Promise<void> {
  await client.collection(collection).requestPasswordReset(email);
}

/** A token that acts as that person and cannot be renewed. Without seconds it lives as long as a usual sign-in. */
export async function impersonate(collection: string, id: string, seconds: number): Promise<string> {
  const other = await client.collection(collection).impersonate(id, seconds);
  return other.authStore.token;
}

/** Ends all sign-ins of that person: every token is signed with this key too. */
export async function signOutEverywhere(collection: string, id: string): Promise<void> {
  await client.collection(collection).update(id, { "tokenKey:autogenerate": "" });
}

/** The collections in which the server keeps what belongs to a person. */
const KEPT = {
  links: "_externalAuths",
  firstFactors: "_mfas",
  codes: "_otps",
  places: "_authOrigins",
} as const;

export type KeptAbout = keyof typeof KEPT;

const MAX_SHOWN = 50;

export const keptAboutQuery = (kind: KeptAbout, collectionId: string, id: string) =>
  queryOptions({
    queryKey: keys.keptAbout(kind, collectionId, id),
    queryFn: async ({ signal }) => {
      const filter = client.filter("collectionRef = {:collectionId} && recordRef = {:id}", { collectionId, id });
      const options = { filter, sort: "-created", skipTotal: true, signal };
      const page = await client.collection(KEPT[kind]).getList<StoredRecord>(1, MAX_SHOWN, options);
      return page.items;
    },
  });

export async function removeKept(kind: KeptAbout, id: string): Promise<void> {
  await client.collection(KEPT[kind]).delete(id);
}
