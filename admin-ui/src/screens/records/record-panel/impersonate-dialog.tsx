/** "View as…": a token that acts as this person, for trying out what they see. */

import { useState } from "react";
import { serverAddress } from "#api/client.ts";
import { explain } from "#api/errors.ts";
import { impersonate } from "#api/people.ts";
import type { Collection, StoredRecord } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { formatDate } from "#lib/format.ts";
import { readToken } from "#lib/token.ts";
import { toStored } from "#lib/zoned-date.ts";
import { Button } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { Notice } from "#ui/notice.tsx";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";

/** In seconds; 0 leaves it to the collection. */
const DURATIONS = ["900", "3600", "28800", "86400", "604800", "0"] as const;

type Duration = (typeof DURATIONS)[number];

type ImpersonateDialogProps = { isOpen: boolean; collection: Collection; record: StoredRecord; onClose: () => void };

export function ImpersonateDialog({ isOpen, collection, record, onClose }: ImpersonateDialogProps) {
  return (
    <Dialog isOpen={isOpen} title={words().people.viewAsTitle(recordName(record, collection.fields))} onClose={onClose}>
      <TokenMaker collection={collection} record={record} />
    </Dialog>
  );
}

/** Mounted with the dialog, so that a token is forgotten when it closes. */
function TokenMaker({ collection, record }: { collection: Collection; record: StoredRecord }) {
  const { people, common } = words();
  const [duration, setDuration] = useState<Duration>("3600");
  const [token, setToken] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);

  const make = async () => {
    setSending(true);
    setError(null);
    try {
      setToken(await impersonate(collection.name, record.id, Number(duration)));
    } catch (problem) {
      setError(explain(problem).message);
    } finally {
      setSending(false);
    }
  };
  const until = token === null ? undefined : readToken(token)?.exp;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-sm text-ink-soft">{people.viewAsLead}</p>
      <SelectField
        label={people.validFor}
        value={duration}
        options={DURATIONS.map((value) => ({ value, label: people.durations[value] }))}
        onChange={setDuration}
      />
      {error && <Notice tone="danger">{error}</Notice>}
      <Button look={token ? "plain" : "primary"} disabled={isSending} onClick={make}>
        {isSending ? common.oneMoment : token ? people.makeAnother : people.makeToken}
      </Button>
      {token && (
        <div className="flex flex-col gap-3">
          <Notice tone="good">{people.tokenReady(until ? formatDate(toStored(new Date(until * 1000))) : "")}</Notice>
          <CodeBlock label={people.token} code={token} />
          <p className="text-sm text-ink-soft">{people.inApp}</p>
          <CodeBlock label={people.example} code={exampleCode(token)} />
        </div>
      )}
    </div>
  );
}

function exampleCode(token: string): string {
  return `const server = new PocketBase(${JSON.stringify(serverAddress())});\nserver.authStore.save(${JSON.stringify(token)});`;
}
