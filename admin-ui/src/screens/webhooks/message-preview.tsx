/** What would be sent, for a real record. It follows what is typed. */

import type { Collection } from "#api/types.ts";
import type { WebhookPreview } from "#api/webhooks.ts";
import { messageOf } from "#lib/webhooks/message.ts";
import { Disclosure } from "#ui/disclosure.tsx";
import { words } from "#words/words.ts";
import { BodyText } from "./body-text.tsx";
import { EventAndRecord } from "./event-and-record.tsx";
import { HeaderList } from "./header-list.tsx";
import type { Preview } from "./use-preview.ts";

export function MessagePreview({ preview, collections }: { preview: Preview; collections: readonly Collection[] }) {
  const texts = words().webhooks;
  const { events, event, record, setWish, format, data, problem } = preview;
  return (
    <div className="flex flex-col gap-2.5 border-t border-line pt-4">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h3 className="text-sm font-medium">{texts.preview}</h3>
        {event !== "" && (
          <EventAndRecord events={events} event={event} record={record} collections={collections} onChange={setWish} />
        )}
      </div>
      {event === "" && <p className="text-sm text-ink-soft">{texts.previewWaits}</p>}
      {problem && <p className="text-sm text-danger">{Object.values(problem.fields)[0] ?? problem.message}</p>}
      {data && !data.matches && <p className="text-sm text-straw">{texts.previewUnwanted}</p>}
      {data && <Sent format={format} {...data} />}
    </div>
  );
}

function Sent({ format, headers, body }: WebhookPreview & { format: string }) {
  const texts = words().webhooks;
  const message = messageOf(format, body);
  const subject = format === "email" ? headers.subject : undefined;
  const isEmpty = (message ?? body).trim() === "";
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {isEmpty && <p className="text-sm text-ink-soft">{texts.previewEmpty}</p>}
      {!isEmpty && message !== null && (
        <div className="w-fit max-w-full rounded-2xl rounded-tl-sm border border-line bg-raised px-4 py-2.5 text-sm break-words whitespace-pre-wrap">
          {subject && <p className="mb-1 font-medium">{subject}</p>}
          {message}
        </div>
      )}
      {message === null && !isEmpty && <BodyText label={texts.preview} body={indented(body)} />}
      <Disclosure label={message === null ? texts.headersSent : texts.rawBody}>
        <div className="flex flex-col gap-3">
          <HeaderList label={texts.headersSent} headers={headers} />
          {message !== null && <BodyText label={texts.preview} body={body} />}
        </div>
      </Disclosure>
    </div>
  );
}

/** JSON as somebody reads it. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
