/** What can be done with a job, and what is said about it. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { explain } from "#api/errors.ts";
import { deleteJob, type Job, retryJob } from "#api/jobs.ts";
import { keys } from "#api/keys.ts";
import { deleteHiddenJob, hideJob, showJob } from "#api/pending-job-deletions.ts";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

export function useJobActions() {
  const texts = words().jobs;
  const cache = useQueryClient();
  const loadAgain = () => cache.invalidateQueries({ queryKey: keys.jobs() });
  const onError = (error: unknown) => toastProblem(explain(error).message);

  const retrying = useMutation({
    mutationFn: (job: Job) => retryJob(job.id),
    onSuccess: ({ name }) => toastDone(texts.retried(name)),
    onError,
    onSettled: loadAgain,
  });

  const deleting = useMutation({
    mutationFn: (job: Job) => deleteJob(job.id),
    onSuccess: (_answer, { name }) => toastDone(texts.deleted(name)),
    onError,
    onSettled: loadAgain,
  });

  /** Only for one that was given up: nothing happens to it until the message closes. */
  const deleteWithUndo = (job: Job) => {
    hideJob(job);
    const carryOut = async () => {
      await deleteHiddenJob(job).catch(onError);
      await loadAgain();
      showJob(job);
    };
    toastDone(texts.deleted(job.name), () => showJob(job), carryOut);
  };

  return {
    retry: (job: Job) => retrying.mutate(job),
    isRetrying: retrying.isPending,
    /** At once. */
    deleteNow: (job: Job) => deleting.mutateAsync(job),
    isDeleting: deleting.isPending,
    deleteWithUndo,
  };
}
