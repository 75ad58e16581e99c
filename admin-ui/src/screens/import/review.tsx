/** What becomes of an uploaded file: where it goes, what becomes of each column, its first rows, and what came of it. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { type Import, type ImportPlan, type ReadingOptions, readAgain } from "#api/imports.ts";
import { keys } from "#api/keys.ts";
import type { Collection } from "#api/types.ts";
import { formatBytes } from "#lib/format.ts";
import { problemAt } from "#lib/problem-at.ts";
import { Button } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";
import { Section } from "#ui/page.tsx";
import { UnsavedDialog } from "#ui/unsaved-dialog.tsx";
import { words } from "#words/words.ts";
import { ColumnPlan } from "./column-plan.tsx";
import { Outcome } from "./outcome.tsx";
import { withColumn, withKey, withName, withStoredName } from "./plan-changes.ts";
import { Preview } from "./preview.tsx";
import { Reading } from "./reading.tsx";
import { Run } from "./run.tsx";
import { sayWarning } from "./server-texts.ts";
import { Target } from "./target.tsx";
import { useRun } from "./use-run.ts";

type ReviewProps = { found: Import; collections: readonly Collection[]; onRestart: () => void };

export function Review({ found, collections, onRestart }: ReviewProps) {
  const texts = words().imports;
  const cache = useQueryClient();
  const [suggested, setSuggested] = useState(() => withStoredName(found.plan, collections));
  const [plan, setPlan] = useState(suggested);
  const running = useRun(found.id);
  const reading = useMutation({
    mutationFn: (options: ReadingOptions) => readAgain(found.id, options),
    onSuccess: (read) => {
      cache.setQueryData(keys.import(found.id), read);
      const fresh = withStoredName(read.plan, collections);
      setSuggested(fresh);
      setPlan(fresh);
      running.reset();
    },
  });
  const change = (part: Partial<ImportPlan>) => {
    if (plan) setPlan({ ...plan, ...part });
    running.reset();
  };
  const result = running.result ?? found.result;
  const mayLose = !result?.isImported && JSON.stringify(plan) !== JSON.stringify(suggested);
  const blocker = useBlocker({
    shouldBlockFn: () => mayLose,
    enableBeforeUnload: () => mayLose,
    withResolver: true,
  });
  if (result?.isImported) return <Outcome id={found.id} result={result} onRestart={onRestart} />;

  const problem = reading.error ? explain(reading.error) : null;
  const target = collections.find(({ name }) => name === plan?.collection);
  return (
    <div className="flex flex-col gap-5">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <strong className="font-medium break-all">{found.file.name}</strong>
        <span className="text-ink-soft">
          {texts.rows(found.rows)} · {formatBytes(found.file.size)}
        </span>
        <Button look="quiet" onClick={onRestart}>
          {texts.otherFile}
        </Button>
      </p>
      {found.warnings.filter(isAboutTheFile).map(({ code, column, message }) => (
        <Notice key={`${code} ${column}`}>{column ? `${column}: ${sayWarning(message)}` : sayWarning(message)}</Notice>
      ))}
      {problem && <Notice tone="danger">{Object.values(problem.fields)[0] ?? problem.message}</Notice>}
      {plan === null ? (
        <Reading found={found} isReading={reading.isPending} onRead={(options) => reading.mutate(options)} />
      ) : (
        <>
          <Target
            plan={plan}
            collections={collections}
            columns={found.columns}
            problems={running.problems}
            onChange={change}
            onName={(name) => change(withName(plan, name))}
            onKey={(key) => change(withKey(plan, key))}
            onChoose={(collection) => reading.mutate({ collection })}
          />
          <Preview found={found} />
          <Section title={texts.review}>
            <ul className="flex flex-col divide-y divide-line">
              {plan.columns.map((column, index) => (
                <ColumnPlan
                  key={column.column}
                  plan={plan}
                  column={column}
                  source={found.columns[index]}
                  cells={found.preview.map(({ cells }) => cells[index])}
                  rows={found.rows}
                  target={target}
                  collections={collections}
                  problem={problemAt(running.problems, `columns.${index}`)}
                  onChange={(part) => change(withColumn(plan, index, part))}
                />
              ))}
            </ul>
          </Section>
          <Reading
            found={found}
            badRows={plan.badRows}
            isReading={reading.isPending}
            onRead={(options) => reading.mutate(options)}
            onBadRows={(badRows) => change({ badRows })}
          />
          <Run rows={found.rows} plan={plan} running={running} onChange={change} />
        </>
      )}
      <UnsavedDialog
        isOpen={blocker.status === "blocked"}
        onLeave={() => blocker.proceed?.()}
        onStay={() => blocker.reset?.()}
      />
    </div>
  );
}

/** A column without a field says so itself, where it can be given one. */
function isAboutTheFile({ code }: { code: string }): boolean {
  return code !== "no_field";
}
