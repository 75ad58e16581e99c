/** A message of the sender: what the places of values are chosen from. It is not stored. */

import { useMutation } from "@tanstack/react-query";
import { History, Plus, RotateCcw } from "lucide-react";
import { explain } from "#api/errors.ts";
import { fetchLastMessage, type Inbound } from "#api/inbound.ts";
import { PROVIDER_FACTS } from "#lib/inbound/providers.ts";
import { sampleOf } from "#lib/inbound/samples.ts";
import { problemAt } from "#lib/problem-at.ts";
import { Button } from "#ui/button.tsx";
import { CodeEditor } from "#ui/code-editor.tsx";
import { Section } from "#ui/page.tsx";
import { TextField } from "#ui/text-field.tsx";
import { toastProblem } from "#ui/toast.tsx";
import { TokensField } from "#ui/tokens-field.tsx";
import { words } from "#words/words.ts";
import type { FormProps } from "./form-props.ts";
import type { Plan } from "./plan.ts";

type SampleSectionProps = FormProps & {
  plan: Plan;
  /** What the server takes for the event of the sample. */
  event: string;
  problem: string | undefined;
};

export function SampleSection({ draft, stored, problems, plan, event, problem, onChange }: SampleSectionProps) {
  const texts = words().inbound;
  const { eventHeader } = PROVIDER_FACTS[draft.provider];
  const { body } = plan;
  const fault = body.kind === "broken" ? body.check : null;
  const isOurs = draft.sample === null;
  const hasOnlyThis = event !== "" && !draft.onlyEvents.includes(event);
  return (
    <Section title={texts.what}>
      <div className="[&_.cm-editor]:max-h-112">
        <CodeEditor
          label={texts.sample}
          language="json"
          minLines={5}
          value={plan.sample}
          marks={fault ? [{ from: fault.offset, to: fault.offset + 1, message: faultText(fault) }] : []}
          error={fault ? faultText(fault) : problem}
          hint={isOurs ? texts.sampleIsOurs : texts.sampleIsYours}
          // The editor also tells of a text that it was given.
          onChange={(typed) => onChange({ ...draft, sample: typed === sampleOf(draft.provider).body ? null : typed })}
        />
      </div>
      <div className="flex flex-wrap gap-2 empty:hidden">
        {!isOurs && (
          <Button icon={RotateCcw} onClick={() => onChange({ ...draft, sample: null, sampleEvent: null })}>
            {texts.backToExample}
          </Button>
        )}
        {stored && stored.rawField !== "" && stored.collection !== "" && (
          <LastMessage stored={stored} onFound={(sample) => onChange({ ...draft, sample })} />
        )}
      </div>
      {eventHeader && (
        <TextField
          label={texts.eventOf(eventHeader)}
          spellCheck={false}
          value={plan.sampleEvent}
          onChange={(typed) => onChange({ ...draft, sampleEvent: typed.target.value })}
        />
      )}
      <div className="flex flex-col gap-1.5">
        <TokensField
          label={texts.onlyEvents}
          hint={texts.onlyEventsHint}
          error={problemAt(problems, "onlyEvents")}
          values={draft.onlyEvents}
          removeLabel={texts.removeEvent}
          onChange={(onlyEvents) => onChange({ ...draft, onlyEvents })}
        />
        {hasOnlyThis && (
          <div>
            <Button
              look="quiet"
              icon={Plus}
              className="h-auto! min-h-8 max-w-full px-2! whitespace-normal! break-all"
              onClick={() => onChange({ ...draft, onlyEvents: [...draft.onlyEvents, event] })}
            >
              {texts.onlyThis(event)}
            </Button>
          </div>
        )}
      </div>
    </Section>
  );
}

function faultText({ line, column, fault }: Extract<Plan["body"], { kind: "broken" }>["check"]): string {
  const { inputs } = words();
  return inputs.jsonFault(line, column, inputs.jsonFaults[fault]);
}

type LastMessageProps = { stored: Inbound; onFound: (text: string) => void };

/** Where the whole message is kept, the newest one is at hand. */
function LastMessage({ stored, onFound }: LastMessageProps) {
  const texts = words().inbound;
  const loading = useMutation({
    mutationFn: () => fetchLastMessage(stored),
    onSuccess: (text) => (text === null ? toastProblem(texts.noLastMessage) : onFound(text)),
    onError: (error) => toastProblem(explain(error).message),
  });
  return (
    <Button icon={History} disabled={loading.isPending} onClick={() => loading.mutate()}>
      {texts.lastMessage}
    </Button>
  );
}
