/** The durable queue of jobs: work that the server does later, and tries again until it succeeds. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import { liveQuery } from "./live-query.ts";
import type {
  DeleteJobsAnswer,
  EnqueueJobBody,
  ListJobNamesAnswer,
  ListJobsAnswer,
  RetryJobsAnswer,
} from "./types.gen.ts";

export type Job = ListJobsAnswer["items"][number];
export type JobState = Job["state"];
export type NewJob = EnqueueJobBody;

/** How many jobs there are of one name. `hasWorker`: a script does them. */
export type JobName = ListJobNamesAnswer[number];

/** All jobs, or those of a name, or in a state. */
export type JobSelection = { name?: string; state?: JobState };

const PAGE_SIZE = 50;

export const jobsQuery = (selection: JobSelection, page: number) =>
  queryOptions({
    queryKey: keys.jobsPage(selection, page),
    queryFn: ({ signal }) =>
      client.send<ListJobsAnswer>("/api/jobs", { query: { ...selection, page, perPage: PAGE_SIZE }, signal }),
    placeholderData: keepPreviousData,
    ...liveQuery,
  });

/** The names of all jobs that scripts define or that are in the queue. */
export const jobNamesQuery = () =>
  queryOptions({
    queryKey: keys.jobNames(),
    queryFn: ({ signal }) => client.send<JobName[]>("/api/jobs/names", { signal }),
    ...liveQuery,
  });

/** One job. A job that is done is not there any more: the answer is 404 then. */
export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: keys.job(id),
    queryFn: ({ signal }) => client.send<Job>(jobPath(id), { signal }),
    ...liveQuery,
  });

/** While one with the same name and unique key waits, that one is given back. */
export function enqueueJob(job: NewJob): Promise<Job> {
  return client.send<Job>("/api/jobs", { method: "POST", body: job });
}

/** Makes a job due now. One that was given up has all its attempts again. */
export function retryJob(id: string): Promise<Job> {
  return client.send<Job>(`${jobPath(id)}/retry`, { method: "POST" });
}

/** Returns how many there were. */
export async function retryJobs(selection: JobSelection): Promise<number> {
  return (await client.send<RetryJobsAnswer>("/api/jobs/retry", { method: "POST", body: selection })).retried;
}

export function deleteJob(id: string, options?: { keepalive: boolean }): Promise<void> {
  return client.send(jobPath(id), { method: "DELETE", ...options });
}

/** Leaves those that are running. Returns how many there were. */
export async function deleteJobs(selection: JobSelection): Promise<number> {
  return (await client.send<DeleteJobsAnswer>("/api/jobs", { method: "DELETE", query: selection })).deleted;
}

function jobPath(id: string): string {
  return `/api/jobs/${encodeURIComponent(id)}`;
}
