/** Changes an endpoint. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import { keys } from "#api/keys.ts";
import { updateWebhook, type Webhook } from "#api/webhooks.ts";
import { Button } from "#ui/button.tsx";
import { toastDone } from "#ui/toast.tsx";
import { UnsavedDialog } from "#ui/unsaved-dialog.tsx";
import { words } from "#words/words.ts";
import { draftOf, inputOf } from "./draft.ts";
import { inputProblems } from "./input-problems.ts";
import { WebhookForm } from "./webhook-form.tsx";

/** `stored` changes with every answer of the server; what was begun here is compared with how it was then. */
export function SettingsTab({ stored }: { stored: Webhook }) {
  const texts = words().webhooks;
  const cache = useQueryClient();
  const [base, setBase] = useState(stored);
  const [draft, setDraft] = useState(() => draftOf(stored));
  const saving = useMutation({
    mutationFn: () => updateWebhook(base.id, inputOf(draft, base)),
    onSuccess: (saved) => {
      cache.setQueryData(keys.webhook(saved.id), saved);
      setBase(saved);
      setDraft(draftOf(saved));
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
  const hasFields = problem !== null && Object.keys(problem.fields).length > 0;
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
        <div className="sticky bottom-0 z-10 -mx-4 mt-5 flex flex-wrap items-center justify-end gap-3 border-t border-line bg-surface px-4 py-3 sm:mx-0 sm:rounded-b-2xl">
          <p role="status" className={`mr-auto text-sm ${problem ? "text-danger" : "text-ink-soft"}`}>
            {problem ? (hasFields ? texts.notSaved : problem.message) : texts.unsaved}
          </p>
          <Button onClick={discard}>{texts.discard}</Button>
          <Button look="primary" disabled={saving.isPending} onClick={() => saving.mutate()}>
            {saving.isPending ? words().common.saving : words().common.save}
          </Button>
        </div>
      )}
      <UnsavedDialog
        isOpen={blocker.status === "blocked"}
        onLeave={() => blocker.proceed?.()}
        onStay={() => blocker.reset?.()}
      />
    </>
  );
}
