/** What would become of the sample, and what is wrong with the inputs, while they are typed. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { explain } from "#api/errors.ts";
import { type InboundPreviewInput, inboundPreviewQuery } from "#api/inbound.ts";
import { useDelayed } from "#ui/use-delayed.ts";

const PAUSE_MS = 400;

export type InboundPreviewState = ReturnType<typeof useInboundPreview>;

/** Nothing is asked without a collection. */
export function useInboundPreview(input: InboundPreviewInput) {
  const text = JSON.stringify(input);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same input stays the same object
  const same = useMemo(() => input, [text]);
  const asked = useDelayed(same, PAUSE_MS);
  const isEnabled = asked.collection !== "";
  const query = useQuery({ ...inboundPreviewQuery(asked), enabled: isEnabled });
  const problem = isEnabled && query.error ? explain(query.error) : null;
  return {
    data: problem || !isEnabled ? undefined : query.data,
    problem,
    /** What the answer is about is what is on the screen. */
    isSettled: asked === same && !query.isPlaceholderData,
  };
}

/** These are not looked at by a preview. */
const UNSEEN = new Set(["name", "secrets", "url", "enabled"]);

/** What is wrong now: as far as the preview knows that, what was said at saving is over. */
export function presentProblems(
  saved: Readonly<Record<string, string>>,
  { data, problem }: InboundPreviewState,
): Record<string, string> {
  const isKnown = data !== undefined || Object.keys(problem?.fields ?? {}).length > 0;
  if (!isKnown) return { ...saved };
  const kept = Object.entries(saved).filter(([path]) => UNSEEN.has(path.split(".")[0] ?? ""));
  return { ...Object.fromEntries(kept), ...problem?.fields };
}
