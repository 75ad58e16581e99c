/** Who is told of changes. */

import { useQuery } from "@tanstack/react-query";
import { Webhook as WebhookIcon } from "lucide-react";
import { explain } from "#api/errors.ts";
import { webhooksQuery } from "#api/webhooks.ts";
import { EmptyState } from "#ui/empty-state.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { words } from "#words/words.ts";
import { useWebhookActions } from "./use-webhook-actions.ts";
import { WebhookRow } from "./webhook-row.tsx";
import { AddWebhook, WebhookTabs } from "./webhook-tabs.tsx";

export function WebhooksScreen() {
  const texts = words().webhooks;
  const webhooks = useQuery(webhooksQuery());
  const actions = useWebhookActions();
  const isEmpty = webhooks.data?.length === 0;
  return (
    <WebhookTabs open="out" actions={!isEmpty && <AddWebhook />}>
      {webhooks.isPending && <Loading />}
      {webhooks.error && <Notice tone="danger">{explain(webhooks.error).message}</Notice>}
      {isEmpty && (
        <EmptyState icon={WebhookIcon} title={texts.none} lead={texts.noneLead}>
          <AddWebhook />
        </EmptyState>
      )}
      {webhooks.data && !isEmpty && (
        <ul aria-label={texts.list} className="divide-y divide-line rounded-2xl border border-line bg-surface">
          {webhooks.data.map((webhook) => (
            <WebhookRow
              key={webhook.id}
              webhook={webhook}
              now={new Date(webhooks.dataUpdatedAt)}
              wish={actions.switching?.webhook.id === webhook.id ? actions.switching.isOn : undefined}
              onSwitch={(isOn) => actions.switchTo(webhook, isOn)}
            />
          ))}
        </ul>
      )}
    </WebhookTabs>
  );
}
