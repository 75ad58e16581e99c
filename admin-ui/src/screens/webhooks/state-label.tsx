/** How an endpoint is, in a word and a colour. */

import { classNames } from "#lib/class-names.ts";
import { words } from "#words/words.ts";
import type { WebhookState } from "./webhook-text.ts";

const TONES: Record<WebhookState, string> = {
  ok: "bg-moss-wash text-moss-strong",
  idle: "bg-sunken text-ink-soft",
  failing: "bg-danger-wash text-danger",
  paused: "bg-straw-wash text-straw",
  off: "bg-sunken text-ink-soft",
};

export function StateLabel({ state }: { state: WebhookState }) {
  return (
    <span className={classNames("rounded-md px-1.5 text-[13px] leading-6 whitespace-nowrap", TONES[state])}>
      {words().webhooks.states[state]}
    </span>
  );
}
