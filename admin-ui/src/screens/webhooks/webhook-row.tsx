/** One endpoint in the list: what it is called, where it goes, what it hears, how it is. */

import type { Webhook } from "#api/webhooks.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Switch } from "#ui/switch-field.tsx";
import { words } from "#words/words.ts";
import { ICONS, kindOf } from "./kinds.ts";
import { StateLabel } from "./state-label.tsx";
import { describeEvents, describeTrouble, hostOf, stateOf } from "./webhook-text.ts";

type WebhookRowProps = {
  webhook: Webhook;
  now: Date;
  /** While it is being switched, what it is switched to. */
  wish: boolean | undefined;
  onSwitch: (isOn: boolean) => void;
};

export function WebhookRow({ webhook, now, wish, onSwitch }: WebhookRowProps) {
  const texts = words().webhooks;
  const { id, name, url, format, events, filter, changed, enabled, disabledReason, health } = webhook;
  const Icon = ICONS[kindOf(format)];
  const trouble = describeTrouble(webhook, now);
  const heard = describeEvents(events).join("; ");
  const isNarrowed = filter !== "" || changed.length > 0;
  return (
    <li className="flex items-start gap-3 py-4 pr-4 pl-4 sm:gap-4 sm:pl-5">
      <span
        title={texts.formats[format]}
        className="mt-0.5 flex size-9 shrink-0 items-center justify-center rounded-xl bg-sunken text-ink-soft"
      >
        <Icon className="size-4.5" aria-hidden />
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5">
          <a href={asHref(paths.webhook(id))} className="min-w-0 font-medium break-words hover:underline">
            {name}
          </a>
          <StateLabel state={stateOf(webhook)} />
          {trouble && <span className="text-sm text-ink-soft">{trouble}</span>}
        </p>
        <p className="mt-0.5 text-sm break-words text-ink-soft">
          {texts.goesTo[format](hostOf(url))}
          {heard && `, ${heard}`}
          {isNarrowed && ` (${texts.onlySome})`}
        </p>
        {!enabled && disabledReason !== "" && (
          <p className="mt-1 text-sm text-danger">{disabledReason === "gone" ? texts.gone : texts.gaveUp}</p>
        )}
        {(health.succeeded24h > 0 || health.failed24h > 0) && (
          <p className="mt-1 text-sm tabular-nums text-ink-soft">
            {texts.counts(health.succeeded24h, health.failed24h)}
          </p>
        )}
      </div>
      <Switch
        aria-label={texts.isOn(name)}
        checked={wish ?? enabled}
        disabled={wish !== undefined}
        onChange={(event) => onSwitch(event.target.checked)}
        className="mt-1.5"
      />
    </li>
  );
}
