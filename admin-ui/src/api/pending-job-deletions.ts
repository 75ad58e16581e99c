/**
 * Jobs that were given up and are to be deleted, while that can still be taken back. Their requests wait, because a job
 * that was deleted could only be added again under another id. Until then they are hidden. The requests are sent when
 * the page is closed meanwhile, or somebody signs out.
 */

import { useSyncExternalStore } from "react";
import { beforeLeaving } from "./before-leaving.ts";
import { deleteJob, type Job } from "./jobs.ts";

let hidden: ReadonlyMap<string, Job> = new Map();
/** Ids whose requests are not sent yet. */
const waiting = new Set<string>();
const listeners = new Set<() => void>();

export function hideJob(job: Job): void {
  waiting.add(job.id);
  setHidden(job, true);
}

export function showJob(job: Job): void {
  waiting.delete(job.id);
  setHidden(job, false);
}

/** Sends the request. The job stays hidden until `showJob`, so that the list without it can come first. */
export async function deleteHiddenJob(job: Job): Promise<void> {
  if (waiting.delete(job.id)) await deleteJob(job.id);
}

/** The jobs that are not to be shown, by id. */
export function useHiddenJobs(): ReadonlyMap<string, Job> {
  return useSyncExternalStore(subscribe, () => hidden);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function setHidden(job: Job, isHidden: boolean): void {
  const next = new Map(hidden);
  if (isHidden) next.set(job.id, job);
  else next.delete(job.id);
  hidden = next;
  for (const listener of listeners) listener();
}

beforeLeaving(() => {
  for (const id of waiting) deleteJob(id, { keepalive: true }).catch(() => undefined);
  waiting.clear();
});
