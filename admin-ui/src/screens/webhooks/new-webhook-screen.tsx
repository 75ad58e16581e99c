/** Makes an endpoint. Then its secret is shown, once, and it can be tried out. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import { formMessage } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { createWebhook, webhooksQuery } from "#api/webhooks.ts";
import { asHref, paths } from "#lib/paths.ts";
import { FormBar } from "#ui/form-bar.tsx";
import { Page } from "#ui/page.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { LeaveDialog } from "#ui/unsaved-dialog.tsx";
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
  return (
    <>
      <Page
        title={texts.newTitle}
        isInert={creating.isPending}
        lead={
          <>
            <TextLink href={asHref(paths.webhooks())}>{texts.toList}</TextLink>
            <p className="mt-1">{texts.newLead}</p>
          </>
        }
      >
        <WebhookForm draft={draft} problems={problem?.fields ?? {}} suggestedName={suggestedName} onChange={setDraft} />
      </Page>
      <FormBar
        problem={problem && formMessage(problem, words().webhooks.notSaved)}
        saveLabel={texts.create}
        isSaving={creating.isPending}
        onSave={() => creating.mutate()}
      />
      <LeaveDialog blocker={blocker} />
    </>
  );
}
