/** The buttons that try a plan or carry it out, the progress, and what stood in the way. */

import type { ImportPlan } from "#api/imports.ts";
import { formatNumber } from "#lib/format.ts";
import { Button } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";
import { Section } from "#ui/page.tsx";
import { ProgressBar } from "#ui/progress-bar.tsx";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { BadRows } from "./bad-rows.tsx";
import type { Running } from "./use-run.ts";

type RunProps = { plan: ImportPlan; running: Running; onChange: (part: Partial<ImportPlan>) => void };

export function Run({ plan, running, onChange }: RunProps) {
  const texts = words().imports;
  const { state, progress, result, problem } = running;
  if (state !== "idle") {
    const { done, total } = progress ?? { done: 0, total: 0 };
    const verb = state === "trying" ? texts.trying : texts.running;
    return (
      <Section title={verb}>
        <ProgressBar
          share={total > 0 ? done / total : 0}
          label={total > 0 ? texts.progress(formatNumber(done), formatNumber(total)) : verb}
        />
        <div>
          <Button onClick={running.cancel}>{words().common.cancel}</Button>
        </div>
      </Section>
    );
  }
  const hasBadRows = result !== null && result.badRowCount > 0;
  return (
    <Section title={texts.importIt}>
      {running.isCancelled && <Notice>{texts.cancelled}</Notice>}
      {problem && (
        <Notice tone="danger">{Object.keys(problem.fields).length > 0 ? texts.planMistakes : problem.message}</Notice>
      )}
      {result?.isDryRun && !(hasBadRows && plan.badRows === "stop") && (
        <Notice tone="good">{texts.tried(result.created, result.updated)}</Notice>
      )}
      {hasBadRows && (
        <>
          {plan.badRows === "stop" && <Notice tone="danger">{result.isStopped ? texts.stopped : texts.refused}</Notice>}
          <BadRows result={result} />
        </>
      )}
      <div className="sm:max-w-md">
        <SelectField
          label={texts.badRows}
          value={plan.badRows}
          options={(["stop", "skip"] as const).map((value) => ({ value, label: texts.badRowModes[value] }))}
          onChange={(badRows) => onChange({ badRows })}
        />
      </div>
      <div className="flex flex-wrap gap-2">
        <Button look="primary" onClick={() => running.start(plan, false)}>
          {texts.importIt}
        </Button>
        <Button onClick={() => running.start(plan, true)}>{texts.tryIt}</Button>
        {hasBadRows && plan.badRows === "stop" && !result.isStopped && (
          <Button
            onClick={() => {
              onChange({ badRows: "skip" });
              running.start({ ...plan, badRows: "skip" }, false);
            }}
          >
            {texts.leaveOut}
          </Button>
        )}
      </div>
    </Section>
  );
}
