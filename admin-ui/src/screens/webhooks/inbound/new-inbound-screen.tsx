/** Makes an incoming webhook. Then it says what to enter at the sender, and waits for the first message. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import { collectionsQuery } from "#api/collections.ts";
import { explain, formMessage } from "#api/errors.ts";
import { createInbound, inboundListQuery } from "#api/inbound.ts";
import { keys } from "#api/keys.ts";
import { asHref, paths } from "#lib/paths.ts";
import { FormBar } from "#ui/form-bar.tsx";
import { Page } from "#ui/page.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { LeaveDialog } from "#ui/unsaved-dialog.tsx";
import { words } from "#words/words.ts";
import { useAddresses } from "./address.ts";
import { CreatedInbound } from "./created-inbound.tsx";
import { NEW_DRAFT } from "./draft.ts";
import { InboundForm } from "./inbound-form.tsx";
import { inputOf, planOf } from "./plan.ts";

export function NewInboundScreen() {
  const texts = words().inbound;
  const cache = useQueryClient();
  const { data: others = [] } = useQuery(inboundListQuery());
  const { data: collections = [] } = useQuery(collectionsQuery());
  const addresses = useAddresses();
  const [draft, setDraft] = useState(NEW_DRAFT);
  const suggestedName = freeName(
    draft.provider,
    others.map(({ name }) => name),
  );
  const creating = useMutation({
    mutationFn: () => {
      const name = draft.name || suggestedName;
      const { provider, collection } = draft;
      const { secrets = [], ...input } = inputOf(draft, planOf(draft, collections), addresses.of(name));
      return createInbound({ ...input, name, provider, collection, secrets });
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.inbound() }),
  });
  const isDirty = creating.data === undefined && draft !== NEW_DRAFT;
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  if (creating.data) {
    const [typed] = draft.secrets.flatMap((secret) => (secret.kind === "new" ? [secret.text.trim()] : []));
    return <CreatedInbound id={creating.data.id} created={creating.data} secret={typed} sample={draft.sample} />;
  }
  const problem = creating.error ? explain(creating.error) : null;
  return (
    <>
      <Page
        title={texts.newTitle}
        isInert={creating.isPending}
        lead={
          <>
            <TextLink href={asHref(paths.inboundList())}>{texts.toList}</TextLink>
            <p className="mt-1">{texts.newLead}</p>
          </>
        }
      >
        <InboundForm draft={draft} problems={problem?.fields ?? {}} suggestedName={suggestedName} onChange={setDraft} />
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

function freeName(provider: string, taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? provider : `${provider}-${number}`;
    if (!taken.includes(name)) return name;
  }
}
