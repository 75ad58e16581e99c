/** What the server does at set times: when, what became of it, and a way to have it done now. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { type ScriptHandler, scriptsQuery } from "#api/scripts.ts";
import { type Cron, cronsQuery, runCron } from "#api/server.ts";
import { formatMilliseconds, formatMoment } from "#lib/format.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Button } from "#ui/button.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { cronText } from "./cron-text.ts";

export function CronsScreen() {
  const texts = words().server.crons;
  const crons = useQuery(cronsQuery());
  const { data: scripts } = useQuery(scriptsQuery());
  const sources = (scripts?.files ?? []).flatMap(({ name: file, handlers }) =>
    handlers.filter(({ kind }) => kind === "cron").map((handler) => ({ file, handler })),
  );
  return (
    <Page title={texts.title} lead={texts.lead}>
      {crons.isPending && <Loading />}
      {crons.error && <Notice tone="danger">{explain(crons.error).message}</Notice>}
      {crons.data && (
        <ul className="divide-y divide-line rounded-2xl border border-line bg-surface">
          {crons.data.map((cron) => (
            <CronRow
              key={cron.id}
              cron={cron}
              source={sources.find(({ handler }) => handler.name === cron.id)}
              since={scripts?.loadedAt ?? ""}
            />
          ))}
        </ul>
      )}
    </Page>
  );
}

type CronRowProps = {
  cron: Cron;
  /** Where it is defined, if a script does that. */
  source: { file: string; handler: ScriptHandler } | undefined;
  /** When the scripts were loaded. */
  since: string;
};

function CronRow({ cron, source, since }: CronRowProps) {
  const texts = words().server.crons;
  const cache = useQueryClient();
  const { id, expression, zone } = cron;
  const names: Record<string, string> = texts.names;
  const name = names[id] ?? id;
  const when = cronText(expression);
  const running = useMutation({
    mutationFn: () => runCron(id),
    onSuccess: () => {
      toastDone(texts.started(name));
      cache.invalidateQueries({ queryKey: keys.crons() });
      cache.invalidateQueries({ queryKey: keys.scripts() });
    },
    onError: (error) => toastProblem(explain(error).message),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
      <div className="min-w-0 flex-1 basis-52">
        <p className="font-medium break-words">{name}</p>
        <p className="flex flex-wrap gap-x-3 text-sm text-ink-soft">
          {when && <span>{zone ? texts.inZone(when, zone) : when}</span>}
          <code className="font-mono text-[13px] leading-6">
            {when || !zone ? expression : `${expression} ${zone}`}
          </code>
          {cron.catchUp && <span>{texts.catchesUp}</span>}
        </p>
        {source && (
          <p className="text-sm text-ink-soft">
            <TextLink href={asHref(paths.scripts({ file: source.file, line: source.handler.line }))}>
              {`${source.file}:${source.handler.line}`}
            </TextLink>{" "}
            · {texts.runs(source.handler.calls, formatMoment(since))}
          </p>
        )}
        <Outcome cron={cron} />
      </div>
      <Button
        icon={Play}
        disabled={running.isPending}
        onClick={() => running.mutate()}
        aria-label={`${texts.run}: ${name}`}
      >
        {texts.run}
      </Button>
    </li>
  );
}

/** What became of the last run, and since when it has not worked. */
function Outcome({ cron: { running, lastRun, lastSuccess } }: { cron: Cron }) {
  const texts = words().server.crons;
  if (running) return <p className="mt-0.5 text-sm text-moss-strong">{texts.running}</p>;
  if (!lastRun) return <p className="mt-0.5 text-sm text-ink-soft">{texts.notYet}</p>;
  const { started, milliseconds, error } = lastRun;
  if (error === "") {
    return (
      <p className="mt-0.5 text-sm text-ink-soft">
        {texts.ran(formatMoment(started), formatMilliseconds(milliseconds))}
      </p>
    );
  }
  return (
    <>
      <p className="mt-0.5 text-sm break-words text-danger">{texts.failed(formatMoment(started), error)}</p>
      <p className="text-sm text-ink-soft">
        {lastSuccess ? texts.lastSuccess(formatMoment(lastSuccess.started)) : texts.neverSucceeded}
      </p>
    </>
  );
}
