/** What can be done with an endpoint from several places, and what is said about it. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { deleteWebhook, updateWebhook, type Webhook } from "#api/webhooks.ts";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

export function useWebhookActions() {
  const texts = words().webhooks;
  const cache = useQueryClient();
  const loadAgain = () => cache.invalidateQueries({ queryKey: keys.webhooks() });

  const switching = useMutation({
    mutationFn: ({ webhook, isOn }: { webhook: Webhook; isOn: boolean }) =>
      updateWebhook(webhook.id, { enabled: isOn }),
    onError: (error) => toastProblem(explain(error).message),
    onSettled: loadAgain,
  });
  const switchTo = async (webhook: Webhook, isOn: boolean) => {
    await switching.mutateAsync({ webhook, isOn });
    const said = isOn ? texts.switchedOn(webhook.name) : texts.switchedOff(webhook.name);
    toastDone(said, () => switching.mutate({ webhook, isOn: !isOn }));
  };

  const deleting = useMutation({
    mutationFn: (webhook: Webhook) => deleteWebhook(webhook.id),
    onSuccess: (_answer, { id, name }) => {
      toastDone(texts.deleted(name));
      cache.removeQueries({ queryKey: keys.webhook(id) });
      return cache.invalidateQueries({ queryKey: keys.webhookList() });
    },
  });

  return {
    /** What is wrong is said in a message. */
    switchTo: (webhook: Webhook, isOn: boolean) => void switchTo(webhook, isOn).catch(() => undefined),
    /** The endpoint that is being switched, and to what. */
    switching: switching.isPending ? switching.variables : undefined,
    remove: (webhook: Webhook) => deleting.mutateAsync(webhook),
    isDeleting: deleting.isPending,
    deleteProblem: deleting.error ? explain(deleting.error).message : undefined,
  };
}
