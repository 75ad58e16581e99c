/** A body as it travels. */

import { ScrollRegion } from "#ui/scroll-region.tsx";
import { words } from "#words/words.ts";

/** `label` says whose. */
export function BodyText({ label, body }: { label: string; body: string }) {
  return (
    <ScrollRegion
      label={`${label}: ${words().deliveries.body}`}
      className="max-h-96 rounded-lg border border-line bg-sunken px-3.5 py-2.5"
    >
      <pre className="font-mono text-[13px] leading-6 break-words whitespace-pre-wrap">{body}</pre>
    </ScrollRegion>
  );
}
