/** What can be done with an incoming webhook from several places, and what is said about it. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { explain } from "#api/errors.ts";
import { deleteInbound, type Inbound, updateInbound } from "#api/inbound.ts";
import { keys } from "#api/keys.ts";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

export function useInboundActions() {
  const texts = words().inbound;
  const cache = useQueryClient();

  const switching = useMutation({
    mutationFn: ({ inbound, isOn }: { inbound: Inbound; isOn: boolean }) =>
      updateInbound(inbound.id, { enabled: isOn }),
    onError: (error) => toastProblem(explain(error).message),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.inbound() }),
  });
  const switchTo = async (inbound: Inbound, isOn: boolean) => {
    await switching.mutateAsync({ inbound, isOn });
    const said = isOn ? texts.switchedOn(inbound.name) : texts.switchedOff(inbound.name);
    toastDone(said, () => switching.mutate({ inbound, isOn: !isOn }));
  };

  const deleting = useMutation({
    mutationFn: (inbound: Inbound) => deleteInbound(inbound.id),
    onSuccess: (_answer, { id, name }) => {
      toastDone(texts.deleted(name));
      cache.removeQueries({ queryKey: keys.inboundOne(id) });
      return cache.invalidateQueries({ queryKey: keys.inboundList() });
    },
  });

  return {
    /** What is wrong is said in a message. */
    switchTo: (inbound: Inbound, isOn: boolean) => void switchTo(inbound, isOn).catch(() => undefined),
    /** The one that is being switched, and to what. */
    switching: switching.isPending ? switching.variables : undefined,
    remove: (inbound: Inbound) => deleting.mutateAsync(inbound),
    isDeleting: deleting.isPending,
    deleteProblem: deleting.error ? explain(deleting.error).message : undefined,
  };
}
