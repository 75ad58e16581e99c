/** Which deliveries are shown: by state, endpoint, event, record and words. */

import { X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Webhook } from "#api/webhooks.ts";
import { classNames } from "#lib/class-names.ts";
import type { DeliveriesPlace } from "#lib/paths.ts";
import { Button } from "#ui/button.tsx";
import { INPUT_LOOK } from "#ui/field-frame.tsx";
import { SearchInput } from "#ui/search-input.tsx";
import { words } from "#words/words.ts";
import { describeEvent } from "./webhook-text.ts";

const STATES = ["waiting", "succeeded", "failed"] as const;
const PAUSE_MS = 400;

type DeliveryFilterProps = {
  /** To choose one of; none where the list is of one. */
  webhooks: readonly Webhook[] | undefined;
  /** Of the one endpoint. */
  events: readonly string[] | undefined;
  place: DeliveriesPlace;
  onPlace: (place: DeliveriesPlace) => void;
};

const SELECT = `${INPUT_LOOK} h-9 w-full! border-line-strong text-sm sm:w-52!`;

export function DeliveryFilter({ webhooks, events, place, onPlace }: DeliveryFilterProps) {
  const texts = words().deliveries;
  const go = (part: DeliveriesPlace) => onPlace({ ...place, ...part, page: undefined });
  const heard =
    events ?? webhooks?.find(({ id }) => id === place.webhook)?.events ?? webhooks?.flatMap((one) => one.events);
  const offered = [
    ...new Set([...(heard ?? []).filter((event) => !event.includes("*")), ...(place.event ? [place.event] : [])]),
  ];
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <fieldset className="flex max-w-full gap-1 overflow-x-auto rounded-xl bg-sunken p-1">
          <legend className="sr-only">{texts.state}</legend>
          <Choice label={texts.all} isOn={place.state === undefined} onChoose={() => go({ state: undefined })} />
          {STATES.map((state) => (
            <Choice
              key={state}
              label={texts.states[state]}
              isOn={place.state === state}
              onChoose={() => go({ state })}
            />
          ))}
        </fieldset>
        <div className="min-w-0 flex-1 basis-60">
          <Search value={place.search ?? ""} onSearch={(search) => go({ search: search || undefined })} />
        </div>
        {webhooks && (
          <select
            aria-label={texts.webhook}
            value={place.webhook ?? ""}
            onChange={(event) => go({ webhook: event.target.value || undefined, event: undefined })}
            className={SELECT}
          >
            <option value="">{texts.allWebhooks}</option>
            {webhooks.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
        {offered.length > 1 && (
          <select
            aria-label={texts.event}
            value={place.event ?? ""}
            onChange={(event) => go({ event: event.target.value || undefined })}
            className={SELECT}
          >
            <option value="">{texts.allEvents}</option>
            {offered.map((event) => (
              <option key={event} value={event}>
                {describeEvent(event)}
              </option>
            ))}
          </select>
        )}
      </div>
      {place.record && (
        <div className="flex flex-wrap items-center gap-2 text-sm text-ink-soft">
          {texts.onlyRecord(place.record)}
          <Button look="quiet" icon={X} className="h-8! px-2!" onClick={() => go({ record: undefined })}>
            {texts.everyRecord}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Asks when typing pauses. */
function Search({ value, onSearch }: { value: string; onSearch: (text: string) => void }) {
  const [typed, setTyped] = useState(value);
  const latest = useRef({ value, onSearch });
  latest.current = { value, onSearch };
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    const timer = setTimeout(() => {
      const text = typed.trim();
      if (text !== latest.current.value) latest.current.onSearch(text);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return <SearchInput label={words().deliveries.search} value={typed} onChange={setTyped} />;
}

function Choice({ label, isOn, onChoose }: { label: string; isOn: boolean; onChoose: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onChoose}
      className={classNames(
        "flex h-8 items-center rounded-lg px-2.5 text-sm whitespace-nowrap focus-visible:-outline-offset-2",
        isOn ? "bg-raised font-medium text-ink shadow-xs" : "text-ink-soft hover:text-ink",
      )}
    >
      {label}
    </button>
  );
}
