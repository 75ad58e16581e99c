/** Sends a real record now, and shows what came back. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { collectionsQuery } from "#api/collections.ts";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { testWebhook, type Webhook } from "#api/webhooks.ts";
import { failureOf } from "#lib/webhooks/failure.ts";
import { Button } from "#ui/button.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { Notice } from "#ui/notice.tsx";
import { words } from "#words/words.ts";
import { AttemptView } from "./attempt-view.tsx";
import { concreteEvents } from "./concrete-events.ts";
import { EventAndRecord } from "./event-and-record.tsx";

type TestDialogProps = { webhook: Webhook; isOpen: boolean; onClose: () => void };

export function TestDialog({ webhook, isOpen, onClose }: TestDialogProps) {
  return (
    <Dialog isOpen={isOpen} title={words().webhooks.testTitle} isWide onClose={onClose}>
      <Test webhook={webhook} />
    </Dialog>
  );
}

function Test({ webhook }: { webhook: Webhook }) {
  const texts = words().webhooks;
  const cache = useQueryClient();
  const { data: collections = [] } = useQuery(collectionsQuery());
  const events = concreteEvents(webhook.events, collections);
  const [wish, setWish] = useState({ event: "", record: "" });
  const event = events.includes(wish.event) ? wish.event : (events[0] ?? "");
  const record = event === wish.event ? wish.record : "";
  const sending = useMutation({
    mutationFn: () => testWebhook(webhook.id, { ...(event && { event }), ...(record && { record }) }),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.webhooks() }),
  });
  const problem = sending.error ? explain(sending.error) : null;
  const attempt = sending.data?.attempts.at(-1);
  const hasArrived = attempt !== undefined && failureOf(attempt.status, attempt.error) === null;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-soft">{texts.testLead}</p>
      <EventAndRecord
        events={events}
        event={event}
        record={record}
        collections={collections}
        onChange={(event, record) => {
          sending.reset();
          setWish({ event, record });
        }}
      />
      <div aria-live="polite" className="flex flex-col gap-3">
        {problem && <Notice tone="danger">{Object.values(problem.fields)[0] ?? problem.message}</Notice>}
        {attempt && (
          <Notice tone={hasArrived ? "good" : "danger"}>
            {hasArrived ? texts.testOk(attempt.status) : texts.testFailed}
          </Notice>
        )}
        {attempt && <AttemptView key={sending.data?.id} attempt={attempt} />}
      </div>
      <div>
        <Button look="primary" disabled={sending.isPending} onClick={() => sending.mutate()}>
          {sending.isPending ? texts.sending : attempt ? texts.sendAgain : texts.sendNow}
        </Button>
      </div>
    </div>
  );
}
