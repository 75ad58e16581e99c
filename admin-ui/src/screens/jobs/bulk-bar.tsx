/** Something that concerns many jobs, and what can be done with all of them: deleted, and maybe tried again. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCw, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { explain } from "#api/errors.ts";
import { deleteJobs, type JobName, type JobSelection, retryJobs } from "#api/jobs.ts";
import { keys } from "#api/keys.ts";
import { Button } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

/** The jobs that were given up, of one name or of all. */
export function GivenUp({ count, name }: { count: number; name: string | undefined }) {
  const texts = words().jobs;
  return (
    <BulkBar lead={texts.givenUpLead(count)} count={count} selection={{ state: "failed", name }} canRetry={true} />
  );
}

/** Jobs that nothing does any more would wait for ever, and nobody would know why. */
export function Orphans({ names }: { names: readonly JobName[] }) {
  return names
    .filter(({ hasWorker, waiting }) => !hasWorker && waiting > 0)
    .map(({ name, waiting }) => (
      <BulkBar
        key={name}
        lead={words().jobs.noWorker(name, waiting)}
        count={waiting}
        selection={{ state: "waiting", name }}
        canRetry={false}
      />
    ));
}

type BulkBarProps = { lead: ReactNode; count: number; selection: JobSelection; canRetry: boolean };

function BulkBar({ lead, count, selection, canRetry }: BulkBarProps) {
  const texts = words().jobs;
  const cache = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const onSettled = () => cache.invalidateQueries({ queryKey: keys.jobs() });
  const retrying = useMutation({
    mutationFn: () => retryJobs(selection),
    onSuccess: (retried) => toastDone(texts.retriedAll(retried)),
    onError: (error) => toastProblem(explain(error).message),
    onSettled,
  });
  const deleting = useMutation({
    mutationFn: () => deleteJobs(selection),
    onSuccess: (deleted) => {
      toastDone(texts.deletedAll(deleted));
      setAsking(false);
    },
    onSettled,
  });
  return (
    <div className="flex flex-col gap-x-4 gap-y-2 rounded-2xl border border-line bg-surface py-3 pr-3 pl-5 sm:flex-row sm:items-center">
      <p className="min-w-0 flex-1 text-sm break-words">{lead}</p>
      <div className="flex flex-wrap gap-2">
        {canRetry && (
          <Button icon={RotateCw} disabled={retrying.isPending} onClick={() => retrying.mutate()}>
            {texts.retryAll}
          </Button>
        )}
        <Button icon={Trash2} onClick={() => setAsking(true)}>
          {texts.deleteAll}
        </Button>
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        title={texts.deleteAllTitle}
        lead={texts.deleteAllLead(count, selection.name)}
        confirmLabel={texts.deleteAll}
        isSending={deleting.isPending}
        error={deleting.error ? explain(deleting.error).message : undefined}
        onConfirm={() => deleting.mutate()}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}
