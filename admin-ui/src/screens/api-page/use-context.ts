/** Loads the few records that the examples name. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { client, serverAddress } from "#api/client.ts";
import { samplesQuery } from "#api/samples.ts";
import type { Collection } from "#api/types.ts";
import type { CodeContext } from "./code-context.ts";
import type { Samples } from "./example-values.ts";
import { makeContext } from "./make-context.ts";

type Found = { context: CodeContext; samples: Samples };

/** `null` while it is loading. Without an answer the examples have placeholders. */
export function useContextOf(collection: Collection, collections: readonly Collection[]): Found | null {
  const { data, isPending } = useQuery(samplesQuery(collection, collections));
  return useMemo(() => {
    if (isPending) return null;
    const samples: Samples = { own: data?.own, targets: data?.targets ?? {}, suffix: randomLetters() };
    const people = data?.people ?? {};
    const context = makeContext({ address: serverAddress(), collection, collections, samples, people });
    // What is typed for a superuser is most likely who is reading this.
    const email: unknown = client.authStore.record?.email;
    return { samples, context: typeof email === "string" ? withSuperuser(context, email) : context };
  }, [data, isPending, collection, collections]);
}

function withSuperuser(context: CodeContext, email: string): CodeContext {
  for (const signsIn of Object.values(context.signsIn)) {
    if (signsIn?.collection === "_superusers") signsIn.identity = email;
  }
  return context;
}

function randomLetters(): string {
  return Math.random().toString(36).slice(2, 8);
}
