/** Makes an endpoint. Then its secret is shown, once, and it can be tried out. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import { keys } from "#api/keys.ts";
import { createWebhook, webhooksQuery } from "#api/webhooks.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Button } from "#ui/button.tsx";
import { Page } from "#ui/page.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { UnsavedDialog } from "#ui/unsaved-dialog.tsx";
import { words } from "#words/words.ts";
import { CreatedWebhook } from "./created-webhook.tsx";
import { inputOf, NEW_DRAFT } from "./draft.ts";
import { inputProblems } from "./input-problems.ts";
import { suggestName } from "./suggest-name.ts";
import { WebhookForm } from "./webhook-form.tsx";

export function NewWebhookScreen() {
  const texts = words().webhooks;
  const cache = useQueryClient();
  const { data: others = [] } = useQuery(webhooksQuery());
  const [draft, setDraft] = useState(NEW_DRAFT);
  const suggestedName = suggestName(
    draft,
    others.map(({ name }) => name),
  );
  const creating = useMutation({
    mutationFn: () => {
      const input = inputOf(draft);
      const { name, url = "", events = [] } = input;
      return createWebhook({ ...input, name: name || suggestedName, url, events });
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.webhooks() }),
  });
  const isDirty = creating.data === undefined && JSON.stringify(draft) !== JSON.stringify(NEW_DRAFT);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  if (creating.data) return <CreatedWebhook webhook={creating.data} />;
  const problem = inputProblems(creating.error);
  const hasFields = problem !== null && Object.keys(problem.fields).length > 0;
  return (
    <>
      <Page
        title={texts.newTitle}
        lead={
          <>
            <TextLink href={asHref(paths.webhooks())}>{texts.toList}</TextLink>
            <p className="mt-1">{texts.newLead}</p>
          </>
        }
      >
        <WebhookForm draft={draft} problems={problem?.fields ?? {}} suggestedName={suggestedName} onChange={setDraft} />
      </Page>
      <div className="flex flex-wrap items-center justify-end gap-3 border-t border-line bg-surface px-4 py-3 sm:px-8">
        <p role="status" className={`mr-auto text-sm ${problem ? "text-danger" : "text-ink-soft"}`}>
          {problem && (hasFields ? texts.notSaved : problem.message)}
        </p>
        <Button look="primary" disabled={creating.isPending} onClick={() => creating.mutate()}>
          {creating.isPending ? words().common.saving : texts.create}
        </Button>
      </div>
      <UnsavedDialog
        isOpen={blocker.status === "blocked"}
        onLeave={() => blocker.proceed?.()}
        onStay={() => blocker.reset?.()}
      />
    </>
  );
}
