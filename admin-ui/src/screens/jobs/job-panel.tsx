/** Everything about one job. It is asked for again and again, so that the end of an attempt is seen here. */

import { useQuery } from "@tanstack/react-query";
import { RotateCw, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { explain } from "#api/errors.ts";
import { type Job, jobQuery } from "#api/jobs.ts";
import { formatMoment } from "#lib/format.ts";
import { Button } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { Notice } from "#ui/notice.tsx";
import { SidePanel } from "#ui/side-panel.tsx";
import { words } from "#words/words.ts";
import { StateLabel } from "./job-row.tsx";
import { describeJob, payloadText } from "./job-text.ts";

type JobPanelProps = {
  /** As it was in the list when it was opened. */
  job: Job | null;
  isBusy: boolean;
  onRetry: (job: Job) => void;
  onDelete: (job: Job) => void;
  onClose: () => void;
};

export function JobPanel({ job, onClose, ...rest }: JobPanelProps) {
  return (
    <SidePanel isOpen={job !== null} title={job?.name ?? ""} onClose={onClose}>
      {job && <Detail listed={job} {...rest} />}
    </SidePanel>
  );
}

type DetailProps = Omit<JobPanelProps, "job" | "onClose"> & { listed: Job };

function Detail({ listed, isBusy, onRetry, onDelete }: DetailProps) {
  const texts = words().jobs;
  const query = useQuery({ ...jobQuery(listed.id), initialData: listed });
  const problem = query.error ? explain(query.error) : null;
  const isGone = problem?.kind === "missing";
  const job = query.data;
  const payload = payloadText(job.payload);
  const now = new Date(query.dataUpdatedAt || Date.now());
  return (
    <div className="flex flex-col gap-5">
      {isGone && <Notice tone="good">{texts.gone}</Notice>}
      {problem && !isGone && <Notice tone="danger">{problem.message}</Notice>}
      {!isGone && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <StateLabel state={job.state} />
          <p role="status" className="text-sm text-ink-soft">
            {describeJob(job, now)}
          </p>
        </div>
      )}
      {!isGone && job.state !== "running" && (
        <div className="flex flex-wrap gap-2">
          <Button icon={RotateCw} disabled={isBusy} onClick={() => onRetry(job)}>
            {job.attempts === 0 ? texts.begin : texts.retry}
          </Button>
          <Button icon={Trash2} disabled={isBusy} onClick={() => onDelete(job)}>
            {words().common.delete}
          </Button>
        </div>
      )}
      {job.error && (
        <Part title={texts.lastError}>
          <pre className="overflow-x-auto rounded-lg bg-danger-wash px-3.5 py-2.5 font-mono text-[13px] leading-6 break-words whitespace-pre-wrap text-danger">
            {job.error}
          </pre>
        </Part>
      )}
      <Part title={texts.payload}>
        {payload === "" ? (
          <p className="text-sm text-ink-soft">{texts.noPayload}</p>
        ) : (
          <CodeBlock code={payload} label={texts.payload} />
        )}
      </Part>
      <dl className="grid grid-cols-[minmax(6rem,auto)_minmax(0,1fr)] gap-x-4 text-sm">
        <Line name={texts.id} value={job.id} isCode />
        <Line name={texts.added} value={formatMoment(job.created)} />
        {job.state === "waiting" && <Line name={texts.due} value={formatMoment(job.due)} />}
        <Line name={texts.attempts} value={texts.attemptsOf(job.attempts, job.maxAttempts)} />
        <Line name={texts.priority} value={texts.priorities[job.priority]} />
        {job.uniqueKey && <Line name={texts.uniqueKey} value={job.uniqueKey} isCode />}
      </dl>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-1.5">
      <h3 className="text-sm font-medium">{title}</h3>
      {children}
    </section>
  );
}

function Line({ name, value, isCode = false }: { name: string; value: string; isCode?: boolean }) {
  return (
    <>
      <dt className="border-b border-line py-2 text-ink-soft">{name}</dt>
      <dd className={`border-b border-line py-2 ${isCode ? "font-mono text-[13px] break-all" : "break-words"}`}>
        {value}
      </dd>
    </>
  );
}
