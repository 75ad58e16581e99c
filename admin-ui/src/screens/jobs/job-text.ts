/** Says in words how it stands with a job. */

import type { Job, JobName } from "#api/jobs.ts";
import { formatFromNow, parseDate } from "#lib/format.ts";
import { words } from "#words/words.ts";

/** What happened so far and what happens next, in a line. `now` is when the job was asked for. */
export function describeJob(job: Job, now: Date): string {
  const texts = words().jobs;
  const { state, attempts, maxAttempts, due } = job;
  if (state === "running") return texts.runningNow(attempts, maxAttempts);
  if (state === "failed") return texts.gaveUp(attempts);
  const date = parseDate(due);
  const isDue = date === null || date <= now;
  if (attempts === 0) return isDue ? texts.isDue : texts.startsIn(formatFromNow(date, now));
  return texts.triesAgain(attempts, maxAttempts, isDue ? texts.shortly : formatFromNow(date, now));
}

/** The first line of an error; the rest is for the panel. */
export function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}

/** A payload as somebody reads it. Nothing for a job without one. */
export function payloadText(payload: unknown): string {
  return payload === null || payload === undefined ? "" : JSON.stringify(payload, null, 2);
}

export type JobCounts = { waiting: number; running: number; failed: number };

/** The sums over all names, or those of one. Jobs that are hidden were given up, and are not counted. */
export function countJobs(names: readonly JobName[], name: string | undefined, hidden: readonly Job[]): JobCounts {
  const counts: JobCounts = { waiting: 0, running: 0, failed: 0 };
  for (const one of names) {
    if (name !== undefined && one.name !== name) continue;
    counts.waiting += one.waiting;
    counts.running += one.running;
    counts.failed += one.failed;
  }
  const hiddenHere = hidden.filter((job) => name === undefined || job.name === name).length;
  return { ...counts, failed: Math.max(0, counts.failed - hiddenHere) };
}
