/** Says that there are sample records, and removes them all. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { explain } from "#api/errors.ts";
import { removeSamples, samplesQuery } from "#api/templates.ts";
import type { Collection } from "#api/types.ts";
import { Button } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

export function SamplesNotice({ collections }: { collections: readonly Collection[] }) {
  const texts = words().overview;
  const cache = useQueryClient();
  const samples = useQuery(samplesQuery(collections.filter(({ type }) => type === "base")));
  const found = samples.data ?? [];
  const removing = useMutation({
    mutationFn: () => removeSamples(found.map(({ name }) => name)),
    onSuccess: () => toastDone(texts.samplesRemoved),
    onError: (error) => toastProblem(explain(error).message),
    onSettled: () => cache.invalidateQueries(),
  });
  const total = found.reduce((sum, collection) => sum + collection.total, 0);
  if (total === 0) return null;
  return (
    <Notice>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <span>{texts.samples(total)}</span>
        <Button disabled={removing.isPending} onClick={() => removing.mutate()}>
          {removing.isPending ? words().common.oneMoment : texts.removeSamples}
        </Button>
      </div>
    </Notice>
  );
}
