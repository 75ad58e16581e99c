/** What of the server needs an owner's attention, and where to see to it. */

import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import { jobNamesQuery } from "#api/jobs.ts";
import { scriptsQuery } from "#api/scripts.ts";
import { healthQuery } from "#api/server.ts";
import { settingsQuery } from "#api/settings.ts";
import { formatBytes } from "#lib/format.ts";
import { asHref, paths } from "#lib/paths.ts";
import { TextLink } from "#ui/text-link.tsx";
import { words } from "#words/words.ts";
import { ServerDetails } from "./server-details.tsx";

export function ServerState() {
  const texts = words().server.health;
  const { data: health } = useQuery(healthQuery());
  const { data: settings } = useQuery(settingsQuery());
  const { data: scripts } = useQuery({ ...scriptsQuery(), refetchInterval: false });
  const { data: jobs = [] } = useQuery({ ...jobNamesQuery(), refetchInterval: false });
  const failed = jobs.reduce((sum, job) => sum + job.failed, 0);
  if (!health || !settings) return null;
  const { disk, possibleProxyHeader } = health;
  const findings = [
    disk.isFull && <span key="disk">{texts.diskFull}</span>,
    possibleProxyHeader && (
      <Finding
        key="proxy"
        text={texts.proxy(possibleProxyHeader)}
        path={paths.settings("security")}
        link={texts.proxyLink}
      />
    ),
    scripts?.problem && (
      <Finding
        key="scripts"
        text={texts.scriptsBroken(scripts.problem.file, scripts.problem.line, scripts.problem.message)}
        path={paths.scripts({ file: scripts.problem.file || undefined, line: scripts.problem.line })}
        link={texts.scriptsLink}
      />
    ),
    failed > 0 && (
      <Finding
        key="jobs"
        text={texts.jobsFailed(failed)}
        path={paths.jobs({ state: "failed" })}
        link={texts.jobsLink}
      />
    ),
    !settings.rateLimits.enabled && (
      <Finding key="rates" text={texts.ratesOff} path={paths.settings("limits")} link={texts.ratesLink} />
    ),
    !settings.smtp.enabled && (
      <Finding key="mail" text={texts.mailOff} path={paths.settings("mail")} link={texts.mailLink} />
    ),
    settings.backups.cron === "" && (
      <Finding key="backups" text={texts.backupOff} path={paths.backups()} link={texts.backupLink} />
    ),
  ].filter((finding) => Boolean(finding));
  return (
    <section aria-label={texts.title} className="rounded-2xl border border-line bg-surface p-5">
      <header className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <h2 className="font-semibold">{texts.title}</h2>
        <p className="text-sm text-ink-soft">
          {disk.freeBytes !== null && `${texts.diskFree}: ${formatBytes(disk.freeBytes)} · `}
          {texts.address}: {health.realIP}
        </p>
      </header>
      <ul className="mt-3 flex flex-col gap-2 text-sm">
        {findings.map((finding, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list is rebuilt as a whole
          <li key={index} className="flex gap-2.5">
            <CircleAlert className="mt-0.5 size-4 shrink-0 text-straw" aria-hidden />
            <span>{finding}</span>
          </li>
        ))}
        {findings.length === 0 && (
          <li className="flex gap-2.5">
            <CircleCheck className="mt-0.5 size-4 shrink-0 text-moss" aria-hidden />
            {texts.good}
          </li>
        )}
      </ul>
      <ServerDetails />
    </section>
  );
}

function Finding({ text, path, link }: { text: ReactNode; path: string; link: string }) {
  return (
    <>
      {text} <TextLink href={asHref(path)}>{link}</TextLink>
    </>
  );
}
