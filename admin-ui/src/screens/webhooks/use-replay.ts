/** Sends one delivery again. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { replayDelivery } from "#api/webhooks.ts";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

export function useReplay() {
  const cache = useQueryClient();
  const replaying = useMutation({
    mutationFn: replayDelivery,
    onSuccess: () => toastDone(words().deliveries.replayed),
    onError: (error) => toastProblem(explain(error).message),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.webhooks() }),
  });
  return { replay: (id: string) => replaying.mutate(id), isReplaying: replaying.isPending };
}
