/** One incoming webhook in the list: who sends, where it goes, how it is. */

import { Inbox } from "lucide-react";
import type { Inbound } from "#api/inbound.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Switch } from "#ui/switch-field.tsx";
import { words } from "#words/words.ts";
import { InboundStateLabel } from "./inbound-state-label.tsx";
import { describeTraffic, describeTrouble, describeWay, stateOf } from "./inbound-text.ts";

type InboundRowProps = {
  inbound: Inbound;
  now: Date;
  /** While it is being switched, what it is switched to. */
  wish: boolean | undefined;
  onSwitch: (isOn: boolean) => void;
};

export function InboundRow({ inbound, now, wish, onSwitch }: InboundRowProps) {
  const { id, name, enabled } = inbound;
  const traffic = describeTraffic(inbound, now);
  const trouble = describeTrouble(inbound);
  return (
    <li className="flex items-start gap-3 py-4 pr-4 pl-4 sm:gap-4 sm:pl-5">
      <span className="mt-0.5 flex size-9 shrink-0 items-center justify-center rounded-xl bg-sunken text-ink-soft">
        <Inbox className="size-4.5" aria-hidden />
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5">
          <a href={asHref(paths.inbound(id))} className="min-w-0 font-medium break-words hover:underline">
            {name}
          </a>
          <InboundStateLabel state={stateOf(inbound)} />
        </p>
        <p className="mt-0.5 text-sm break-words text-ink-soft">{describeWay(inbound)}</p>
        {traffic && <p className="mt-1 text-sm tabular-nums text-ink-soft">{traffic}</p>}
        {trouble && <p className="mt-1 line-clamp-2 text-sm break-words text-danger">{trouble}</p>}
      </div>
      <Switch
        aria-label={words().inbound.isOn(name)}
        checked={wish ?? enabled}
        disabled={wish !== undefined}
        onChange={(event) => onSwitch(event.target.checked)}
        className="mt-1.5"
      />
    </li>
  );
}
