/** A page of deliveries, with its filter. It is always up to date, and does not jump while somebody reads it. */

import { useQuery } from "@tanstack/react-query";
import { ArrowUp, Inbox } from "lucide-react";
import { explain } from "#api/errors.ts";
import { type Delivery, type DeliverySelection, deliveriesQuery, type Webhook } from "#api/webhooks.ts";
import type { DeliveriesPlace } from "#lib/paths.ts";
import { Button } from "#ui/button.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { Pager } from "#ui/pager.tsx";
import { words } from "#words/words.ts";
import { DeliveryFilter } from "./delivery-filter.tsx";
import { DeliveryRow } from "./delivery-row.tsx";
import { useReplay } from "./use-replay.ts";
import { useSteadyPage } from "./use-steady-page.ts";
import { addressOf } from "./webhook-text.ts";

type DeliveryListProps = {
  webhooks: readonly Webhook[];
  /** Only those of this endpoint. */
  webhook?: Webhook;
  place: DeliveriesPlace;
  onPlace: (place: DeliveriesPlace) => void;
};

export function DeliveryList({ webhooks, webhook, place, onPlace }: DeliveryListProps) {
  const texts = words().deliveries;
  const { page = 1, ...chosen } = place;
  const selection: DeliverySelection = { ...chosen, ...(webhook && { webhook: webhook.id }) };
  const query = useQuery(deliveriesQuery(selection, page));
  const { shown, waiting, showAll } = useSteadyPage<Delivery>(
    JSON.stringify([selection, page]),
    query.isPlaceholderData ? undefined : query.data,
  );
  const { replay } = useReplay();
  const isFiltered = Object.values(chosen).some((value) => value !== undefined) || page > 1;
  const names = new Map(webhooks.map(({ id, name }) => [id, name]));
  return (
    <div className="flex flex-col gap-4">
      {(isFiltered || (shown && shown.items.length > 0)) && (
        <DeliveryFilter
          webhooks={webhook ? undefined : webhooks}
          events={webhook?.events}
          place={place}
          onPlace={onPlace}
        />
      )}
      {query.error && <Notice tone="danger">{explain(query.error).message}</Notice>}
      {query.isPending && <Loading />}
      {waiting !== 0 && (
        <Button icon={ArrowUp} className="self-center" onClick={showAll}>
          {waiting > 0 ? texts.showNew(waiting) : texts.showChanged}
        </Button>
      )}
      {shown?.items.length === 0 && (
        <EmptyState
          icon={Inbox}
          title={isFiltered ? texts.noneFits : texts.none}
          lead={isFiltered ? texts.kept : webhook ? texts.noneLead : texts.noneLeadAll}
        >
          {isFiltered && <Button onClick={() => onPlace({})}>{texts.showAll}</Button>}
        </EmptyState>
      )}
      {shown && shown.items.length > 0 && (
        <>
          <ul aria-label={texts.title} className="divide-y divide-line rounded-2xl border border-line bg-surface">
            {shown.items.map((delivery) => (
              <DeliveryRow
                key={delivery.id}
                delivery={delivery}
                now={new Date(query.dataUpdatedAt)}
                webhookName={
                  webhook ? undefined : (names.get(delivery.webhook) ?? addressOf(delivery.webhook) ?? delivery.webhook)
                }
                onReplay={() => replay(delivery.id)}
              />
            ))}
          </ul>
          <Pager
            label={texts.title}
            summary={`${texts.count(query.data?.totalItems ?? shown.totalItems)} · ${texts.live}`}
            page={page}
            pages={query.data?.totalPages ?? 1}
            onPage={(next) => onPlace({ ...place, page: next > 1 ? next : undefined })}
          />
        </>
      )}
    </div>
  );
}
