/** One delivery in the list. */

import { RotateCw } from "lucide-react";
import type { Delivery, DeliveryState } from "#api/webhooks.ts";
import { classNames } from "#lib/class-names.ts";
import { formatFromNow, formatMoment, parseDate } from "#lib/format.ts";
import { asHref, paths } from "#lib/paths.ts";
import { IconButton } from "#ui/button.tsx";
import { words } from "#words/words.ts";
import { describeDelivery } from "./delivery-text.ts";
import { describeEvent } from "./webhook-text.ts";

const TONES: Record<DeliveryState, string> = {
  waiting: "bg-sky-wash text-sky",
  running: "bg-sky-wash text-sky",
  succeeded: "bg-moss-wash text-moss-strong",
  failed: "bg-danger-wash text-danger",
};

export function DeliveryStateLabel({ state }: { state: DeliveryState }) {
  return (
    <span className={classNames("rounded-md px-1.5 text-[13px] leading-6 whitespace-nowrap", TONES[state])}>
      {words().deliveries.states[state]}
    </span>
  );
}

type DeliveryRowProps = {
  delivery: Delivery;
  now: Date;
  /** Of its endpoint, where the list is over all of them. */
  webhookName: string | undefined;
  onReplay: () => void;
};

export function DeliveryRow({ delivery, now, webhookName, onReplay }: DeliveryRowProps) {
  const texts = words().deliveries;
  const { id, webhook, event, record, state, status, error, created, test } = delivery;
  const date = parseDate(created);
  const said = describeEvent(event);
  return (
    <li className="flex items-start gap-x-2 py-2.5 pr-2 pl-4 sm:pl-5">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
          <a
            href={asHref(paths.delivery(webhook, id))}
            aria-label={texts.open(said, formatMoment(created))}
            className="min-w-0 font-medium break-words hover:underline"
          >
            {said}
          </a>
          <DeliveryStateLabel state={state} />
          {test && <span className="text-sm text-plum">{texts.test}</span>}
          <span className="text-sm text-ink-soft">{describeDelivery(delivery, now)}</span>
        </p>
        <p className="mt-0.5 truncate text-sm text-ink-soft">
          {date && <time dateTime={created}>{formatFromNow(date, now)}</time>}
          {webhookName !== undefined && ` · ${webhookName}`}
          {record !== "" && (
            <>
              {" · "}
              <span className="font-mono text-[13px]">{record}</span>
            </>
          )}
        </p>
        {error !== "" && state !== "succeeded" && (
          <p className="mt-0.5 truncate text-sm text-danger">{status > 0 ? texts.answered(status) : error}</p>
        )}
      </div>
      {state !== "running" && !test && (
        <IconButton label={`${texts.replay}: ${said}`} icon={RotateCw} onClick={onReplay} />
      )}
    </li>
  );
}
