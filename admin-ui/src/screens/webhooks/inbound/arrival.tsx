/** Whether messages arrive, and what is wrong when they do not. It follows what happens. */

import { Hourglass } from "lucide-react";
import type { Inbound } from "#api/inbound.ts";
import { formatFromNow, formatMoment, parseDate } from "#lib/format.ts";
import { asHref, paths } from "#lib/paths.ts";
import { LinkButton } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";
import { Section } from "#ui/page.tsx";
import { words } from "#words/words.ts";
import { describeCounts, describeTraffic, stateOf } from "./inbound-text.ts";

export function Arrival({ inbound, now }: { inbound: Inbound; now: Date }) {
  const texts = words().inbound;
  const { collection } = inbound;
  const state = stateOf(inbound);
  // The title says when the last one came.
  const traffic = state === "ok" ? describeCounts(inbound) : describeTraffic(inbound, now);
  const hasRecords = collection !== "" && inbound.lastReceived !== "";
  const needsChange = state === "problem" || state === "failing" || state === "refused";
  return (
    <Section title={titleOf(inbound, now)} lead={traffic}>
      <div aria-live="polite" className="flex flex-col gap-3">
        <Verdict inbound={inbound} />
        <Earlier inbound={inbound} />
      </div>
      {(hasRecords || needsChange) && (
        <div className="flex flex-wrap gap-2">
          {needsChange && (
            <LinkButton href={asHref(paths.inbound(inbound.id, { tab: "settings" }))}>{texts.toSettings}</LinkButton>
          )}
          {hasRecords && (
            <LinkButton href={asHref(paths.records(collection))}>{texts.openRecords(collection)}</LinkButton>
          )}
        </div>
      )}
    </Section>
  );
}

function titleOf(inbound: Inbound, now: Date): string {
  const texts = words().inbound;
  const state = stateOf(inbound);
  const last = parseDate(inbound.lastReceived);
  if (state === "refused") return texts.refusedTitle;
  if (state === "failing") return texts.failingTitle;
  return state === "ok" && last ? texts.okTitle(formatFromNow(last, now)) : texts.states[state];
}

/** What went wrong in the last day, and is over. */
function Earlier({ inbound }: { inbound: Inbound }) {
  const texts = words().inbound;
  const state = stateOf(inbound);
  const { failed24h, lastError, lastErrorAt, refused24h, lastRefused, lastRefusedAt } = inbound;
  const troubles = [
    ...(failed24h > 0 && state !== "failing" ? [texts.notStored(formatMoment(lastErrorAt), lastError)] : []),
    ...(refused24h > 0 && state !== "refused" ? [texts.wasRefused(formatMoment(lastRefusedAt), lastRefused)] : []),
  ];
  return troubles.map((trouble) => (
    <p key={trouble} className="text-sm break-words text-straw">
      {trouble}
    </p>
  ));
}

function Verdict({ inbound }: { inbound: Inbound }) {
  const texts = words().inbound;
  const { problem, lastError, lastErrorAt, lastRefused, lastRefusedAt } = inbound;
  switch (stateOf(inbound)) {
    case "off":
      return <Notice>{texts.offLead}</Notice>;
    case "problem":
      return <Notice tone="danger">{problem}</Notice>;
    case "refused":
      return (
        <Notice tone="danger">
          <p>{/too old|future/i.test(lastRefused) ? texts.clockLead : texts.refusedLead}</p>
          <p className="mt-1 break-words">
            {formatMoment(lastRefusedAt)} · {texts.reason(lastRefused)}
          </p>
        </Notice>
      );
    case "failing":
      return (
        <Notice tone="danger">
          <p>{texts.failingLead}</p>
          <p className="mt-1 break-words">
            {formatMoment(lastErrorAt)} · {texts.reason(lastError)}
          </p>
        </Notice>
      );
    case "waiting":
      return (
        <p className="flex items-start gap-2.5 text-sm text-ink-soft">
          <Hourglass className="mt-0.5 size-4 shrink-0" aria-hidden />
          {texts.waitingLead}
        </p>
      );
    default:
      return null;
  }
}
