/** The buttons that try a plan or carry it out, the progress, and what stood in the way. */

import { useEffect, useRef } from "react";
import type { ImportPlan } from "#api/imports.ts";
import { formatNumber } from "#lib/format.ts";
import { Button } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";
import { Section } from "#ui/page.tsx";
import { ProgressBar } from "#ui/progress-bar.tsx";
import { words } from "#words/words.ts";
import { BadRows } from "./bad-rows.tsx";
import type { Running } from "./use-run.ts";

type RunProps = { rows: number; plan: ImportPlan; running: Running; onChange: (part: Partial<ImportPlan>) => void };

export function Run({ rows, plan, running, onChange }: RunProps) {
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
  const hasGoodRows = result !== null && result.badRowCount < rows;
  return (
    <>
      {(running.isCancelled || problem || result) && <Findings rows={rows} plan={plan} running={running} />}
      <div className="sticky bottom-3 z-10 flex flex-wrap items-center justify-between gap-x-6 gap-y-2 rounded-2xl border border-line bg-surface px-5 py-3 shadow-lg">
        <p className="text-sm text-ink-soft max-sm:sr-only">{texts.rows(rows)}</p>
        <div className="flex flex-wrap gap-2">
          {hasBadRows && hasGoodRows && plan.badRows === "stop" && !result.isStopped && (
            <Button
              onClick={() => {
                onChange({ badRows: "skip" });
                running.start({ ...plan, badRows: "skip" }, false);
              }}
            >
              {texts.leaveOut}
            </Button>
          )}
          {/* A plan that has failed and was not changed fails again. */}
          {!hasBadRows && <Button onClick={() => running.start(plan, true)}>{texts.tryIt}</Button>}
          <Button look="primary" onClick={() => running.start(plan, false)}>
            {texts.importIt}
          </Button>
        </div>
      </div>
    </>
  );
}

/** What stood in the way, or what would become of it. Comes into view by itself: the buttons are always at hand. */
function Findings({ rows, plan, running: { isCancelled, problem, result } }: Omit<RunProps, "onChange">) {
  const texts = words().imports;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const hasBadRows = result !== null && result.badRowCount > 0;
  return (
    // Stays above the buttons.
    <div ref={box} className="flex scroll-mb-36 sm:scroll-mb-24 flex-col gap-4 empty:hidden">
      {isCancelled && <Notice>{texts.cancelled}</Notice>}
      {problem && (
        <Notice tone="danger">{Object.keys(problem.fields).length > 0 ? texts.planMistakes : problem.message}</Notice>
      )}
      {result?.isDryRun && !(hasBadRows && plan.badRows === "stop") && (
        <Notice tone="good">{texts.tried(result.created, result.updated)}</Notice>
      )}
      {hasBadRows && (
        <>
          {plan.badRows === "stop" && <Notice tone="danger">{result.isStopped ? texts.stopped : texts.refused}</Notice>}
          {result.badRowCount >= rows && <Notice>{texts.allBad}</Notice>}
          <BadRows title={texts.badRowCount(result.badRowCount)} result={result} />
        </>
      )}
    </div>
  );
}
