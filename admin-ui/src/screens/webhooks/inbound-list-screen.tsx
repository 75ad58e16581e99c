/** Who tells this server something. */

import { useQuery } from "@tanstack/react-query";
import { Inbox, Plus } from "lucide-react";
import { explain } from "#api/errors.ts";
import { inboundListQuery } from "#api/inbound.ts";
import { asHref, paths } from "#lib/paths.ts";
import { LinkButton } from "#ui/button.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { words } from "#words/words.ts";
import { InboundRow } from "./inbound/inbound-row.tsx";
import { useInboundActions } from "./inbound/use-inbound-actions.ts";
import { WebhookTabs } from "./webhook-tabs.tsx";

export function InboundListScreen() {
  const texts = words().inbound;
  const list = useQuery(inboundListQuery());
  const actions = useInboundActions();
  const isEmpty = list.data?.length === 0;
  return (
    <WebhookTabs open="inbound" actions={!isEmpty && <Add />}>
      {list.isPending && <Loading />}
      {list.error && <Notice tone="danger">{explain(list.error).message}</Notice>}
      {isEmpty && (
        <EmptyState icon={Inbox} title={texts.none} lead={texts.noneLead}>
          <Add />
        </EmptyState>
      )}
      {list.data && !isEmpty && (
        <ul aria-label={texts.list} className="divide-y divide-line rounded-2xl border border-line bg-surface">
          {list.data.map((inbound) => (
            <InboundRow
              key={inbound.id}
              inbound={inbound}
              now={new Date(list.dataUpdatedAt)}
              wish={actions.switching?.inbound.id === inbound.id ? actions.switching.isOn : undefined}
              onSwitch={(isOn) => actions.switchTo(inbound, isOn)}
            />
          ))}
        </ul>
      )}
    </WebhookTabs>
  );
}

function Add() {
  return (
    <LinkButton href={asHref(paths.newInbound())} look="primary">
      <Plus className="size-4" aria-hidden />
      {words().inbound.add}
    </LinkButton>
  );
}
