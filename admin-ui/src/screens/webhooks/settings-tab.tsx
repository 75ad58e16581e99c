/** Changes an endpoint. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import { formMessage } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { updateWebhook, type Webhook } from "#api/webhooks.ts";
import { Button } from "#ui/button.tsx";
import { FormBar } from "#ui/form-bar.tsx";
import { toastDone } from "#ui/toast.tsx";
import { LeaveDialog } from "#ui/unsaved-dialog.tsx";
import { words } from "#words/words.ts";
import { afterSave, draftOf, inputOf, type WebhookDraft } from "./draft.ts";
import { inputProblems } from "./input-problems.ts";
import { WebhookForm } from "./webhook-form.tsx";

/** `stored` changes with every answer of the server; what was begun here is compared with how it was then. */
export function SettingsTab({ stored }: { stored: Webhook }) {
  const texts = words().webhooks;
  const cache = useQueryClient();
  const [base, setBase] = useState(stored);
  const [draft, setDraft] = useState(() => draftOf(stored));
  const saving = useMutation({
    mutationFn: (sent: WebhookDraft) => updateWebhook(base.id, inputOf(sent, base)),
    onSuccess: (saved, sent) => {
      cache.setQueryData(keys.webhook(saved.id), saved);
      setBase(saved);
      setDraft((now) => afterSave(now, sent, saved));
      toastDone(texts.saved);
      return cache.invalidateQueries({ queryKey: keys.webhookList() });
    },
  });
  const isDirty = JSON.stringify(inputOf(draft, base)) !== JSON.stringify(inputOf(draftOf(base), base));
  const blocker = useBlocker({
    shouldBlockFn: () => isDirty,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  const problem = inputProblems(saving.error);
  const discard = () => {
    setBase(stored);
    setDraft(draftOf(stored));
    saving.reset();
  };
  return (
    <>
      <WebhookForm
        draft={draft}
        stored={base}
        problems={problem?.fields ?? {}}
        suggestedName={base.name}
        onChange={setDraft}
      />
      {isDirty && (
        <FormBar
          isSticky={true}
          problem={problem && formMessage(problem, texts.notSaved)}
          note={texts.unsaved}
          isSaving={saving.isPending}
          onSave={() => saving.mutate(draft)}
        >
          <Button onClick={discard}>{texts.discard}</Button>
        </FormBar>
      )}
      <LeaveDialog blocker={blocker} />
    </>
  );
}
