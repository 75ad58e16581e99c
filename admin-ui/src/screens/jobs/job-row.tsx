/** One job of the queue. */

import { RotateCw, Trash2 } from "lucide-react";
import type { Job } from "#api/jobs.ts";
import { classNames } from "#lib/class-names.ts";
import { formatMoment } from "#lib/format.ts";
import { IconButton } from "#ui/button.tsx";
import { words } from "#words/words.ts";
import { describeJob, firstLine } from "./job-text.ts";

/** Of a payload, which may have a megabyte. */
const MAX_SHOWN = 300;

const TONES = {
  waiting: "bg-sky-wash text-sky",
  running: "bg-moss-wash text-moss-strong",
  failed: "bg-danger-wash text-danger",
};

export function StateLabel({ state }: { state: Job["state"] }) {
  return (
    <span className={classNames("rounded-md px-1.5 text-[13px] leading-6 whitespace-nowrap", TONES[state])}>
      {words().jobs.states[state]}
    </span>
  );
}

type JobRowProps = {
  job: Job;
  now: Date;
  /** No script does it. */
  isOrphan: boolean;
  onOpen: () => void;
  onRetry: () => void;
  onDelete: () => void;
};

export function JobRow({ job, now, isOrphan, onOpen, onRetry, onDelete }: JobRowProps) {
  const texts = words().jobs;
  const { id, name, state, due, error } = job;
  const payload = job.payload === null ? "" : JSON.stringify(job.payload).slice(0, MAX_SHOWN);
  return (
    <li className="flex items-start gap-x-2 py-3 pr-2 pl-5">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
          <button
            type="button"
            onClick={onOpen}
            aria-label={texts.open(name, id)}
            className="min-w-0 text-left font-medium break-words hover:underline"
          >
            {name}
          </button>
          <StateLabel state={state} />
          <span className="text-sm text-ink-soft" title={state === "waiting" ? formatMoment(due) : undefined}>
            {isOrphan && state === "waiting" ? texts.orphan : describeJob(job, now)}
          </span>
        </p>
        {error && <p className="mt-0.5 truncate text-sm text-danger">{firstLine(error)}</p>}
        {!error && payload && <p className="mt-0.5 truncate text-sm text-ink-soft">{payload}</p>}
      </div>
      {state !== "running" && (
        <div className="flex shrink-0 items-center">
          <IconButton
            label={`${job.attempts === 0 ? texts.begin : texts.retry}: ${name}`}
            icon={RotateCw}
            onClick={onRetry}
          />
          <IconButton label={`${words().common.delete}: ${name}`} icon={Trash2} onClick={onDelete} />
        </div>
      )}
    </li>
  );
}
