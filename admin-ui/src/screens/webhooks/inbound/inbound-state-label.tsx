/** How an incoming webhook is, in a word and a colour. */

import { classNames } from "#lib/class-names.ts";
import { words } from "#words/words.ts";
import type { InboundState } from "./inbound-text.ts";

const TONES: Record<InboundState, string> = {
  ok: "bg-moss-wash text-moss-strong",
  waiting: "bg-sky-wash text-sky",
  refused: "bg-danger-wash text-danger",
  failing: "bg-danger-wash text-danger",
  problem: "bg-danger-wash text-danger",
  off: "bg-sunken text-ink-soft",
};

export function InboundStateLabel({ state }: { state: InboundState }) {
  return (
    <span className={classNames("rounded-md px-1.5 text-[13px] leading-6 whitespace-nowrap", TONES[state])}>
      {words().inbound.states[state]}
    </span>
  );
}
