/** What would be sent, and what is wrong with the inputs, while they are typed. */

import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Collection } from "#api/types.ts";
import { type Webhook, type WebhookPreviewInput, webhookPreviewQuery } from "#api/webhooks.ts";
import { writeEvents } from "#lib/webhooks/events.ts";
import { useDelayed } from "#ui/use-delayed.ts";
import { concreteEvents } from "./concrete-events.ts";
import { inputOf, type WebhookDraft } from "./draft.ts";
import { inputProblems } from "./input-problems.ts";

const PAUSE_MS = 400;

export type Preview = ReturnType<typeof usePreview>;

export function usePreview(draft: WebhookDraft, stored: Webhook | undefined, collections: readonly Collection[]) {
  const [wish, setWish] = useState({ event: "", record: "" });
  const events = concreteEvents(writeEvents(draft.listening), collections);
  const event = events.includes(wish.event) ? wish.event : (events[0] ?? "");
  const record = event === wish.event ? wish.record : "";
  const input = previewInput(draft, stored, event, record);
  const text = JSON.stringify(input);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same input stays the same object
  const same = useMemo(() => input, [text]);
  const asked = useDelayed(same, PAUSE_MS);
  const query = useQuery({ ...webhookPreviewQuery(asked), enabled: asked.event !== "" });
  const problem = event === "" ? null : inputProblems(query.error);
  return {
    events,
    event,
    record,
    setWish: (event: string, record: string) => setWish({ event, record }),
    format: asked.format ?? draft.format,
    data: problem || event === "" ? undefined : query.data,
    problem,
    /** Nothing is known of the inputs while nothing can be shown, as without an event. */
    isKnown: event !== "" && (query.isSuccess || Object.keys(problem?.fields ?? {}).length > 0),
  };
}

/** An address is not needed for it, and half an address would be a mistake that nobody has made yet. */
function previewInput(
  draft: WebhookDraft,
  stored: Webhook | undefined,
  event: string,
  record: string,
): WebhookPreviewInput {
  const { url: _url, headers, name: _name, signature: _signature, ...input } = inputOf(draft, stored);
  const isStored = stored !== undefined && stored.format === draft.format && draft.storedUrl !== "";
  // The masks of stored headers say nothing without the endpoint that they stand for.
  const own = isStored ? { id: stored.id, headers } : stored ? {} : { headers };
  return { ...input, ...own, event, ...(record !== "" && { record }) };
}

/** These are not looked at by a preview. */
const UNSEEN = new Set(["name", "url", "headers", "signature", "events", "enabled"]);

/** What is wrong now: as far as the preview knows that, what was said at saving is over. */
export function presentProblems(saved: Readonly<Record<string, string>>, preview: Preview): Record<string, string> {
  if (!preview.isKnown) return { ...saved };
  const kept = Object.entries(saved).filter(([path]) => UNSEEN.has(path.split(".")[0] ?? ""));
  return { ...Object.fromEntries(kept), ...preview.problem?.fields };
}
