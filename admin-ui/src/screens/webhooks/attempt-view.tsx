/** One request and its answer: what was sent, what came back, and what to do when it went wrong. */

import type { Attempt } from "#api/webhooks.ts";
import { formatMilliseconds, formatMoment } from "#lib/format.ts";
import { failureOf } from "#lib/webhooks/failure.ts";
import { Disclosure } from "#ui/disclosure.tsx";
import { words } from "#words/words.ts";
import { BodyText } from "./body-text.tsx";
import { HeaderList } from "./header-list.tsx";

export function AttemptView({ attempt, startsOpen = false }: { attempt: Attempt; startsOpen?: boolean }) {
  const texts = words().deliveries;
  const { number, at, durationMs, status, error, request, response } = attempt;
  const failure = failureOf(status, error);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <p className="text-sm text-ink-soft">
        {formatMoment(at)} · {status > 0 ? texts.answered(status) : error === "" ? texts.arrivedPlain : texts.noAnswer},{" "}
        {texts.took(formatMilliseconds(durationMs))}
      </p>
      {failure && (
        <div className="rounded-lg bg-danger-wash px-3.5 py-2.5 text-sm text-danger">
          <p>{texts.advice[failure]}</p>
          {error && status === 0 && <p className="mt-1 font-mono text-[13px] break-words">{error}</p>}
        </div>
      )}
      <Disclosure label={texts.request}>
        <div className="flex flex-col gap-2.5">
          <p className="font-mono text-[13px] break-all">
            {request.method} {request.url}
          </p>
          <HeaderList
            label={`${texts.attempt(number)}, ${texts.request}: ${texts.headers}`}
            headers={request.headers}
          />
          <Body label={`${texts.attempt(number)}, ${texts.request}`} text={request.body} />
        </div>
      </Disclosure>
      {status > 0 && (
        <Disclosure label={texts.response} startsOpen={startsOpen}>
          <div className="flex flex-col gap-2.5">
            <HeaderList
              label={`${texts.attempt(number)}, ${texts.response}: ${texts.headers}`}
              headers={response.headers}
            />
            <Body label={`${texts.attempt(number)}, ${texts.response}`} text={response.body} />
            {response.isCut && <p className="text-sm text-ink-soft">{texts.isCut}</p>}
          </div>
        </Disclosure>
      )}
    </div>
  );
}

function Body({ label, text }: { label: string; text: string }) {
  if (text === "") return <p className="text-sm text-ink-soft">{words().deliveries.emptyBody}</p>;
  return <BodyText label={label} body={indented(text)} />;
}

/** JSON as somebody reads it. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
