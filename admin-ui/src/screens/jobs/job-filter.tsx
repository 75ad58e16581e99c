/** Which jobs are shown: those in a state, and those of a name. */

import type { JobName, JobState } from "#api/jobs.ts";
import { classNames } from "#lib/class-names.ts";
import { formatNumber } from "#lib/format.ts";
import { INPUT_LOOK } from "#ui/field-frame.tsx";
import { words } from "#words/words.ts";
import type { JobCounts } from "./job-text.ts";

const STATES = ["waiting", "running", "failed"] as const;

type JobFilterProps = {
  counts: JobCounts;
  names: readonly JobName[];
  state: JobState | undefined;
  name: string | undefined;
  onState: (state: JobState | undefined) => void;
  onName: (name: string | undefined) => void;
};

export function JobFilter({ counts, names, state, name, onState, onName }: JobFilterProps) {
  const texts = words().jobs;
  const all = counts.waiting + counts.running + counts.failed;
  const known = names.some((one) => one.name === name) || name === undefined ? [] : [name];
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <fieldset className="flex max-w-full gap-1 overflow-x-auto rounded-xl bg-sunken p-1">
        <legend className="sr-only">{texts.state}</legend>
        <Choice label={texts.all} count={all} isOn={state === undefined} onChoose={() => onState(undefined)} />
        {STATES.map((one) => (
          <Choice
            key={one}
            label={texts.states[one]}
            count={counts[one]}
            isBad={one === "failed" && counts.failed > 0}
            isOn={state === one}
            onChoose={() => onState(one)}
          />
        ))}
      </fieldset>
      <select
        aria-label={texts.name}
        value={name ?? ""}
        onChange={(event) => onName(event.target.value || undefined)}
        className={classNames(INPUT_LOOK, "h-9 w-full! border-line-strong text-sm sm:w-56!")}
      >
        <option value="">{texts.allNames}</option>
        {[...known, ...names.map((one) => one.name)].map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </div>
  );
}

type ChoiceProps = { label: string; count: number; isOn: boolean; isBad?: boolean; onChoose: () => void };

function Choice({ label, count, isOn, isBad = false, onChoose }: ChoiceProps) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onChoose}
      className={classNames(
        "flex h-8 items-center gap-1.5 rounded-lg px-2.5 text-sm whitespace-nowrap focus-visible:-outline-offset-2",
        isOn ? "bg-raised font-medium text-ink shadow-xs" : "text-ink-soft hover:text-ink",
      )}
    >
      {label}
      <span className={classNames("tabular-nums", isBad && "font-medium text-danger")}>{formatNumber(count)}</span>
    </button>
  );
}
