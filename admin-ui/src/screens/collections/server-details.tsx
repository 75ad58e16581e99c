/** Versions and sizes of the running server, and the check of its database. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, ShieldCheck, TriangleAlert } from "lucide-react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { type DatabaseCheck, type ServerInfo, serverQuery, startDatabaseCheck } from "#api/server.ts";
import { formatBytes, formatDuration, formatMoment } from "#lib/format.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Button } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { words } from "#words/words.ts";

export function ServerDetails() {
  const { data, error } = useQuery(serverQuery());
  if (error && !data) return <Notice tone="danger">{explain(error).message}</Notice>;
  if (!data) return null;
  return (
    <>
      <dl className="mt-4 grid grid-cols-2 gap-x-6 gap-y-3 border-t border-line pt-4 text-sm sm:grid-cols-3 lg:grid-cols-4">
        {figuresOf(data).map(([term, value]) => (
          <div key={term} className="min-w-0">
            <dt className="text-ink-soft">{term}</dt>
            <dd className="break-words tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      <Check check={data.check} />
    </>
  );
}

function figuresOf({ version, engine, migrations, started, uptime, sizes }: ServerInfo): [string, string][] {
  const say = words().server.details;
  const counted = (bytes: number | null) => {
    if (bytes === null) return say.inBucket;
    return sizes.isComplete ? formatBytes(bytes) : say.atLeast(formatBytes(bytes));
  };
  return [
    [say.version, `Steading ${version}`],
    [say.engine, engine],
    [say.migrations, migrations.latest.slice(0, 4)],
    [say.running, say.since(formatDuration(uptime), formatMoment(started))],
    [say.database, formatBytes(sizes.database + sizes.writeAheadLog)],
    [say.files, counted(sizes.files)],
    [say.backups, counted(sizes.backups)],
    [say.log, formatBytes(sizes.requestLog)],
  ];
}

function Check({ check }: { check: DatabaseCheck }) {
  const say = words().server.details;
  const cache = useQueryClient();
  const start = useMutation({
    mutationFn: startDatabaseCheck,
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.server() }),
  });
  const isRunning = check.running !== null || start.isPending;
  return (
    <div className="mt-4 flex flex-wrap items-start gap-x-5 gap-y-3 border-t border-line pt-4 text-sm">
      <Button icon={ShieldCheck} disabled={isRunning} onClick={() => start.mutate()}>
        {say.check}
      </Button>
      <div role="status" className="min-w-52 flex-1 self-center">
        {start.error && <span className="text-danger">{explain(start.error).message}</span>}
        {check.running && say.checking(check.running.done, check.running.total)}
        {!isRunning && !start.error && (check.last ? <Result last={check.last} /> : <p>{say.checkLead}</p>)}
      </div>
    </div>
  );
}

function Result({ last }: { last: NonNullable<DatabaseCheck["last"]> }) {
  const say = words().server.details;
  const { damage, unchecked, tables, finished } = last;
  if (damage.length === 0) {
    return (
      <div className="flex gap-2.5">
        <CircleCheck className="mt-0.5 size-4 shrink-0 text-moss" aria-hidden />
        <div>
          <p>{say.sound(tables - unchecked.length, formatMoment(finished))}</p>
          {unchecked.length > 0 && <p className="mt-1 text-straw">{say.unchecked(unchecked.join(", "))}</p>}
        </div>
      </div>
    );
  }
  return (
    <div className="flex gap-2.5">
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-danger" aria-hidden />
      <div className="min-w-0">
        <p className="font-medium text-danger">{say.damaged(formatMoment(finished))}</p>
        <p className="mt-1">
          {say.damagedLead} <TextLink href={asHref(paths.backups())}>{say.toBackups}</TextLink>
        </p>
        <ul className="mt-2 list-disc pl-5 font-mono text-[13px] text-ink-soft">
          {damage.map((text) => (
            <li key={text} className="break-words">
              {text}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
