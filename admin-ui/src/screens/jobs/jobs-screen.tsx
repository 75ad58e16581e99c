/** The queue of jobs: what waits, what runs, what was given up, and what can be done about it. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { type Job, jobNamesQuery, jobsQuery } from "#api/jobs.ts";
import { useHiddenJobs } from "#api/pending-job-deletions.ts";
import { type JobsPlace, paths } from "#lib/paths.ts";
import { Button } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { Pager } from "#ui/pager.tsx";
import { words } from "#words/words.ts";
import { GivenUp, Orphans } from "./bulk-bar.tsx";
import { JobFilter } from "./job-filter.tsx";
import { JobPanel } from "./job-panel.tsx";
import { JobRow } from "./job-row.tsx";
import { countJobs } from "./job-text.ts";
import { NewJobDialog } from "./new-job-dialog.tsx";
import { NoJobs } from "./no-jobs.tsx";
import { useJobActions } from "./use-job-actions.ts";

const route = getRouteApi("/inside/jobs");

export function JobsScreen() {
  const texts = words().jobs;
  const { state, name, page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const go = (place: JobsPlace) => navigate({ href: paths.jobs(place), replace: true });
  const jobs = useQuery(jobsQuery({ state, name }, page));
  const { data: names = [] } = useQuery(jobNamesQuery());
  const hidden = useHiddenJobs();
  const [open, setOpen] = useState<Job | null>(null);
  const [doomed, setDoomed] = useState<Job | null>(null);
  const [isAdding, setAdding] = useState(false);
  const actions = useJobActions();

  const workable = names.filter(({ hasWorker }) => hasWorker).map((one) => one.name);
  const counts = countJobs(names, name, [...hidden.values()]);
  const items = jobs.data?.items.filter(({ id }) => !hidden.has(id)) ?? [];
  const problem = jobs.error ? explain(jobs.error) : null;
  const remove = (job: Job) => {
    setOpen(null);
    if (job.state === "failed") actions.deleteWithUndo(job);
    else setDoomed(job);
  };
  return (
    <Page
      title={texts.title}
      lead={texts.lead}
      actions={
        workable.length > 0 && (
          <Button icon={Plus} onClick={() => setAdding(true)}>
            {texts.add}
          </Button>
        )
      }
    >
      {(names.length > 0 || state || name) && (
        <JobFilter
          counts={counts}
          names={names}
          state={state}
          name={name}
          onState={(state) => go({ state, name })}
          onName={(name) => go({ state, name })}
        />
      )}
      {(state === "waiting" || state === undefined) && (
        <Orphans names={names.filter((one) => name === undefined || one.name === name)} />
      )}
      {counts.failed > 0 && (state === "failed" || state === undefined) && (
        <GivenUp count={counts.failed} name={name} />
      )}
      {jobs.isPending && <Loading />}
      {problem && <Notice tone="danger">{problem.message}</Notice>}
      {jobs.data && items.length === 0 && (
        <NoJobs
          isKnown={names.length > 0}
          isFiltered={state !== undefined || name !== undefined || page > 1}
          onShowAll={() => go({})}
        />
      )}
      {jobs.data && items.length > 0 && (
        <>
          <ul className="divide-y divide-line rounded-2xl border border-line bg-surface">
            {items.map((job) => (
              <JobRow
                key={job.id}
                job={job}
                now={new Date(jobs.dataUpdatedAt)}
                isOrphan={names.length > 0 && !workable.includes(job.name)}
                onOpen={() => setOpen(job)}
                onRetry={() => actions.retry(job)}
                onDelete={() => remove(job)}
              />
            ))}
          </ul>
          <Pager
            label={texts.title}
            summary={`${texts.count(jobs.data.totalItems)} · ${texts.live}`}
            page={page}
            pages={jobs.data.totalPages}
            onPage={(page) => go({ state, name, page: page > 1 ? page : undefined })}
          />
        </>
      )}
      <JobPanel
        job={open}
        isBusy={actions.isRetrying}
        onRetry={actions.retry}
        onDelete={remove}
        onClose={() => setOpen(null)}
      />
      <ConfirmDialog
        isOpen={doomed !== null}
        title={texts.deleteTitle}
        lead={texts.deleteLead(doomed?.name ?? "", doomed?.attempts ?? 0)}
        confirmLabel={words().common.delete}
        isSending={actions.isDeleting}
        onConfirm={() => doomed && actions.deleteNow(doomed).finally(() => setDoomed(null))}
        onClose={() => setDoomed(null)}
      />
      <NewJobDialog isOpen={isAdding} names={workable} name={name} onClose={() => setAdding(false)} />
    </Page>
  );
}
