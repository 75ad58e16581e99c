/** One delivery: what it was about, and each of its attempts. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { explain } from "#api/errors.ts";
import { type DeliveryDetail, deliveryQuery, webhookQuery } from "#api/webhooks.ts";
import { formatMoment } from "#lib/format.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Button } from "#ui/button.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page, Section } from "#ui/page.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { words } from "#words/words.ts";
import { AttemptView } from "./attempt-view.tsx";
import { BodyText } from "./body-text.tsx";
import { DeliveryStateLabel } from "./delivery-row.tsx";
import { describeDelivery } from "./delivery-text.ts";
import { useReplay } from "./use-replay.ts";
import { addressOf, describeEvent } from "./webhook-text.ts";

const route = getRouteApi("/inside/webhooks/$id/deliveries/$delivery");

export function DeliveryScreen() {
  const texts = words().deliveries;
  const { id, delivery: deliveryId } = route.useParams();
  const address = addressOf(id);
  const webhook = useQuery({ ...webhookQuery(id), enabled: address === null });
  const delivery = useQuery(deliveryQuery(deliveryId));
  const { replay, isReplaying } = useReplay();
  const problem = delivery.error ? explain(delivery.error) : null;
  const back = (
    <TextLink href={asHref(address === null ? paths.webhook(id) : paths.deliveries())}>
      {texts.back(address === null ? (webhook.data?.name ?? words().webhooks.title) : texts.title)}
    </TextLink>
  );
  if (!delivery.data || problem?.kind === "missing")
    return (
      <Page title={texts.title} lead={back}>
        {problem ? (
          <Notice tone="danger">{problem.kind === "missing" ? texts.missing : problem.message}</Notice>
        ) : (
          <Loading />
        )}
      </Page>
    );
  const { event, state, test, payload, attempts } = delivery.data;
  const newest = [...attempts].sort((a, b) => b.number - a.number);
  return (
    <Page
      title={describeEvent(event)}
      lead={
        <>
          {back}
          <p role="status" className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
            <DeliveryStateLabel state={state} />
            {test && <span className="text-plum">{texts.test}</span>}
            {describeDelivery(delivery.data, new Date(delivery.dataUpdatedAt))}
          </p>
        </>
      }
      actions={
        !test && (
          <Button icon={RotateCw} disabled={isReplaying || state === "running"} onClick={() => replay(deliveryId)}>
            {texts.replay}
          </Button>
        )
      }
    >
      <Facts delivery={delivery.data} />
      {newest.map((attempt, at) => (
        <Section key={attempt.number} title={texts.attempt(attempt.number)}>
          <AttemptView attempt={attempt} startsOpen={at === 0} />
        </Section>
      ))}
      {attempts.length === 0 && (
        <Section title={texts.payload} lead={texts.noAttempts}>
          <BodyText
            label={texts.payload}
            body={typeof payload === "string" ? payload : JSON.stringify(payload, null, 2)}
          />
        </Section>
      )}
    </Page>
  );
}

function Facts({ delivery }: { delivery: DeliveryDetail }) {
  const texts = words().deliveries;
  const { id, event, collection, record, state, created, finished, nextTry } = delivery;
  const isGone = event.endsWith(".delete");
  const address = addressOf(delivery.webhook);
  return (
    <dl className="grid grid-cols-[minmax(6rem,auto)_minmax(0,1fr)] text-sm">
      {record !== "" && (
        <Line name={texts.record}>
          <span className="mr-3 font-mono text-[13px]">{record}</span>
          {isGone ? (
            <span className="text-ink-soft">{texts.recordGone}</span>
          ) : (
            <TextLink href={asHref(paths.records(collection, { record }))}>{texts.openRecord}</TextLink>
          )}
        </Line>
      )}
      {address !== null && <Line name={words().webhooks.url.other}>{address}</Line>}
      <Line name={texts.happened}>{formatMoment(created)}</Line>
      {finished !== "" && <Line name={texts.finished}>{formatMoment(finished)}</Line>}
      {state === "waiting" && nextTry !== "" && <Line name={texts.nextTryAt}>{formatMoment(nextTry)}</Line>}
      <Line name={texts.id}>
        <code className="font-mono text-[13px] break-all">{id}</code>
      </Line>
    </dl>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="border-b border-line py-2 pr-6 text-ink-soft">{name}</dt>
      <dd className="border-b border-line py-2 break-words">{children}</dd>
    </>
  );
}
