/** Sends several deliveries of an endpoint again: those that failed since a time, or all. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { replayDeliveries, type Webhook } from "#api/webhooks.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Form } from "#ui/form.tsx";
import { SelectField, TextField } from "#ui/text-field.tsx";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

type ReplayDialogProps = { webhook: Webhook; isOpen: boolean; onClose: () => void };

const DAY_MS = 86_400_000;

export function ReplayDialog(props: ReplayDialogProps) {
  return (
    <Dialog isOpen={props.isOpen} title={words().deliveries.replayTitle} onClose={props.onClose}>
      <Question {...props} />
    </Dialog>
  );
}

function Question({ webhook, onClose }: ReplayDialogProps) {
  const texts = words().deliveries;
  const cache = useQueryClient();
  const [state, setState] = useState<"failed" | "all">("failed");
  const [since, setSince] = useState(() => localMoment(sinceWhen(webhook)));
  const replaying = useMutation({
    mutationFn: () => {
      const moment = new Date(since);
      const isMoment = since !== "" && !Number.isNaN(moment.getTime());
      return replayDeliveries(webhook.id, { state, ...(isMoment && { since: moment.toISOString() }) });
    },
    onSuccess: (replayed) => {
      toastDone(texts.replayedMany(replayed));
      onClose();
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.webhooks() }),
  });
  const problem = replaying.error ? explain(replaying.error) : null;
  return (
    <Form
      submitLabel={texts.replay}
      isSending={replaying.isPending}
      error={problem && !problem.fields.since ? problem.message : undefined}
      onSubmit={(event) => {
        event.preventDefault();
        replaying.mutate();
      }}
    >
      <p className="text-ink-soft">{texts.replayLead}</p>
      <SelectField
        label={texts.replayWhich}
        value={state}
        options={[
          { value: "failed", label: texts.replayFailed },
          { value: "all", label: texts.replayAll },
        ]}
        onChange={setState}
      />
      <TextField
        label={texts.since}
        hint={texts.sinceHint}
        type="datetime-local"
        max="9999-12-31T23:59"
        value={since}
        error={problem?.fields.since}
        onChange={(event) => setSince(event.target.value)}
      />
    </Form>
  );
}

/** Since the trouble began, else a day. */
function sinceWhen({ health }: Webhook): Date {
  const since = new Date(health.failingSince);
  return health.failingSince !== "" && !Number.isNaN(since.getTime()) ? since : new Date(Date.now() - DAY_MS);
}

/** As an input of that kind takes it, in the reader's own time. */
function localMoment(date: Date): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
