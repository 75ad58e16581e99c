/** What the server does at set times, and a way to have it done now. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { explain } from "#api/errors.ts";
import { type Cron, cronsQuery, runCron } from "#api/server.ts";
import { Button } from "#ui/button.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

export function CronsScreen() {
  const texts = words().server.crons;
  const crons = useQuery(cronsQuery());
  return (
    <Page title={texts.title} lead={texts.lead}>
      {crons.isPending && <Loading />}
      {crons.error && <Notice tone="danger">{explain(crons.error).message}</Notice>}
      {crons.data && (
        <ul className="divide-y divide-line rounded-2xl border border-line bg-surface">
          {crons.data.map((cron) => (
            <CronRow key={cron.id} cron={cron} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function CronRow({ cron }: { cron: Cron }) {
  const texts = words().server.crons;
  const names: Record<string, string> = texts.names;
  const name = names[cron.id] ?? cron.id;
  const running = useMutation({
    mutationFn: () => runCron(cron.id),
    onSuccess: () => toastDone(texts.started(name)),
    onError: (error) => toastProblem(explain(error).message),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
      <div className="min-w-0 flex-1 basis-52">
        <p className="font-medium break-words">{name}</p>
        <p className="font-mono text-[13px] text-ink-soft">{cron.expression}</p>
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
