/** What a superuser may do for somebody who signs in: mails, a token, linked accounts, what the server keeps of them. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Link2Off, LogOut, MailCheck, UserRoundCog, VenetianMask, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import {
  type KeptAbout,
  keptAboutQuery,
  removeKept,
  sendPasswordReset,
  sendVerification,
  signOutEverywhere,
} from "#api/people.ts";
import type { Collection, StoredRecord } from "#api/types.ts";
import { asText } from "#fields/values.ts";
import { formatDate } from "#lib/format.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { ImpersonateDialog } from "./impersonate-dialog.tsx";
import { PanelSection } from "./panel-section.tsx";

type PersonProps = { collection: Collection; record: StoredRecord };

export function PersonTools({ collection, record }: PersonProps) {
  const { people } = words();
  const email = asText(record.email);
  const [isSending, setSending] = useState(false);
  const [isViewingAs, setViewingAs] = useState(false);
  const [isEnding, setEnding] = useState(false);
  const isSuperuser = collection.name === "_superusers";

  const act = async (action: () => Promise<void>, done: string) => {
    setSending(true);
    try {
      await action();
      toastDone(done);
    } catch (error) {
      toastProblem(explain(error).message);
    } finally {
      setSending(false);
    }
  };
  return (
    <PanelSection title={people.account} icon={UserRoundCog}>
      <div className="flex flex-wrap gap-2">
        {!isSuperuser && record.verified !== true && (
          <Button
            icon={MailCheck}
            disabled={isSending || email === ""}
            onClick={() => act(() => sendVerification(collection.name, email), people.verificationSent(email))}
          >
            {people.sendVerification}
          </Button>
        )}
        <Button
          icon={KeyRound}
          disabled={isSending || email === ""}
          onClick={() => act(() => sendPasswordReset(collection.name, email), people.resetSent(email))}
        >
          {people.sendReset}
        </Button>
        <Button icon={VenetianMask} onClick={() => setViewingAs(true)}>
          {people.viewAs}
        </Button>
        <Button icon={LogOut} disabled={isSending} onClick={() => setEnding(true)}>
          {people.signOutEverywhere}
        </Button>
      </div>
      {email === "" && <p className="mt-2 text-sm text-ink-soft">{people.noEmail}</p>}
      <div className="mt-4 flex flex-col gap-4">
        <KeptList kind="links" title={people.links} collection={collection} record={record} empty={people.noLinks} />
        <KeptList kind="places" title={people.places} collection={collection} record={record} />
        <KeptList kind="codes" title={people.codes} collection={collection} record={record} />
        <KeptList kind="firstFactors" title={people.firstFactors} collection={collection} record={record} />
      </div>
      <ImpersonateDialog
        isOpen={isViewingAs}
        collection={collection}
        record={record}
        onClose={() => setViewingAs(false)}
      />
      <ConfirmDialog
        isOpen={isEnding}
        title={people.signOutEverywhere}
        lead={people.signOutLead(email || record.id)}
        confirmLabel={people.signOutEverywhere}
        isSending={isSending}
        onConfirm={() =>
          act(() => signOutEverywhere(collection.name, record.id), people.signedOut).then(() => setEnding(false))
        }
        onClose={() => setEnding(false)}
      />
    </PanelSection>
  );
}

type KeptListProps = PersonProps & { kind: KeptAbout; title: string; empty?: string };

function KeptList({ kind, title, empty, collection, record }: KeptListProps) {
  const { people } = words();
  const cache = useQueryClient();
  const { data: kept } = useQuery(keptAboutQuery(kind, collection.id, record.id));
  const [asked, setAsked] = useState<StoredRecord | null>(null);
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<string>();
  if (!kept || (kept.length === 0 && empty === undefined)) return null;

  const remove = async ({ id }: StoredRecord) => {
    setSending(true);
    setError(undefined);
    try {
      await removeKept(kind, id);
      await cache.invalidateQueries({ queryKey: keys.keptAbout(kind, collection.id, record.id) });
      setAsked(null);
    } catch (problem) {
      setError(explain(problem).message);
    } finally {
      setSending(false);
    }
  };
  const removeLabel = kind === "links" ? people.unlink : people.forget;
  return (
    <section>
      <h3 className="text-sm font-medium">{title}</h3>
      {kept.length === 0 && <p className="text-sm text-ink-soft">{empty}</p>}
      <ul className="mt-1 flex flex-col gap-1">
        {kept.map((one) => (
          <li
            key={one.id}
            className="flex items-center gap-2 rounded-lg border border-line bg-raised py-0.5 pr-1 pl-3 text-sm"
          >
            <KeptLine kind={kind} one={one} />
            <IconButton
              label={`${removeLabel}: ${lineName(kind, one)}`}
              icon={kind === "links" ? Link2Off : X}
              className="size-8!"
              onClick={() => setAsked(one)}
            />
          </li>
        ))}
      </ul>
      <ConfirmDialog
        isOpen={asked !== null}
        title={asked ? `${removeLabel}: ${lineName(kind, asked)}` : removeLabel}
        lead={people.removeLeads[kind]}
        confirmLabel={removeLabel}
        isSending={isSending}
        error={error}
        onConfirm={() => asked && remove(asked)}
        onClose={() => setAsked(null)}
      />
    </section>
  );
}

function KeptLine({ kind, one }: { kind: KeptAbout; one: StoredRecord }): ReactNode {
  const created = asText(one.created);
  return (
    <span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3">
      <span className="truncate font-medium">{lineName(kind, one)}</span>
      {kind === "links" && <span className="truncate font-mono text-xs text-ink-soft">{asText(one.providerId)}</span>}
      <time dateTime={created} className="ml-auto text-xs text-ink-soft tabular-nums">
        {formatDate(created)}
      </time>
    </span>
  );
}

function lineName(kind: KeptAbout, one: StoredRecord): string {
  const { people } = words();
  if (kind === "links") return asText(one.provider);
  if (kind === "codes") return people.codeTo(asText(one.sentTo));
  if (kind === "firstFactors") return people.firstStep(asText(one.method));
  return people.device(asText(one.fingerprint).slice(0, 8));
}
