/** Changes an incoming webhook. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import { collectionsQuery } from "#api/collections.ts";
import { explain, formMessage } from "#api/errors.ts";
import { type Inbound, updateInbound } from "#api/inbound.ts";
import { keys } from "#api/keys.ts";
import { Button } from "#ui/button.tsx";
import { FormBar } from "#ui/form-bar.tsx";
import { Loading } from "#ui/loading.tsx";
import { toastDone } from "#ui/toast.tsx";
import { LeaveDialog } from "#ui/unsaved-dialog.tsx";
import { words } from "#words/words.ts";
import { type Addresses, useAddresses } from "./address.ts";
import { afterSave, draftOf, type InboundDraft } from "./draft.ts";
import { InboundForm } from "./inbound-form.tsx";
import { inputOf, planOf } from "./plan.ts";

/** `stored` changes with every answer of the server; what was begun here is compared with how it was then. */
export function InboundSettings({ stored }: { stored: Inbound }) {
  const addresses = useAddresses();
  return addresses.isPending ? <Loading /> : <Settings stored={stored} addresses={addresses} />;
}

function Settings({ stored, addresses }: { stored: Inbound; addresses: Addresses }) {
  const texts = words().webhooks;
  const cache = useQueryClient();
  const { data: collections = [] } = useQuery(collectionsQuery());
  const [base, setBase] = useState(stored);
  const [draft, setDraft] = useState(() => draftOf(stored, addresses.of(stored.name)));
  const requestOf = (one: typeof draft) => {
    const name = one.name || base.name;
    return { ...inputOf(one, planOf(one, collections), addresses.of(name), base), name };
  };
  const saving = useMutation({
    mutationFn: (sent: InboundDraft) => updateInbound(base.id, requestOf(sent)),
    onSuccess: (saved, sent) => {
      cache.setQueryData(keys.inboundOne(saved.id), saved);
      setBase(saved);
      setDraft((now) => afterSave(now, sent, draftOf(saved, addresses.of(saved.name))));
      toastDone(words().inbound.saved);
      return cache.invalidateQueries({ queryKey: keys.inboundList() });
    },
  });
  const isDirty =
    JSON.stringify(requestOf(draft)) !== JSON.stringify(requestOf(draftOf(base, addresses.of(base.name))));
  const blocker = useBlocker({
    shouldBlockFn: () => isDirty,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  const problem = saving.error ? explain(saving.error) : null;
  const discard = () => {
    setBase(stored);
    setDraft(draftOf(stored, addresses.of(stored.name)));
    saving.reset();
  };
  return (
    <>
      <InboundForm
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
