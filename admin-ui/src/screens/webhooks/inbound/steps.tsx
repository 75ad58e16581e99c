/** What to do at the sender. */

import type { Provider } from "#lib/inbound/providers.ts";
import { words } from "#words/words.ts";

export function Steps({ provider }: { provider: Provider }) {
  return (
    <ol className="flex list-decimal flex-col gap-1.5 pl-6 text-sm text-ink-soft marker:text-ink-soft">
      {words().inbound.steps[provider].map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ol>
  );
}
