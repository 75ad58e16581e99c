/** What most owners never need: fields, headers, order, time, kind of signature. */

import { Disclosure } from "#ui/disclosure.tsx";
import { NumberField } from "#ui/number-field.tsx";
import { SelectField, TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { FormProps } from "./form-props.ts";
import { HeadersField } from "./headers-field.tsx";
import { kindOf } from "./kinds.ts";

const INPUTS = ["fields", "expand", "headers", "contentType", "order", "concurrency", "timeoutSeconds", "signature"];

export function AdvancedSection(props: FormProps) {
  const { draft, stored, problems, onChange } = props;
  const texts = words().webhooks;
  const kind = kindOf(draft.format);
  const hasProblem = Object.keys(problems).some((path) => INPUTS.includes(path.split(".")[0] ?? ""));
  return (
    <div className="rounded-2xl border border-line bg-surface px-4 py-3">
      <Disclosure label={words().common.advanced} isOpen={hasProblem}>
        <div className="flex flex-col gap-5 px-1 pb-2">
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField
              label={texts.fields}
              hint={texts.fieldsHint}
              spellCheck={false}
              value={draft.fields}
              error={problems.fields}
              onChange={(event) => onChange({ ...draft, fields: event.target.value })}
            />
            <TextField
              label={texts.expand}
              hint={texts.expandHint}
              spellCheck={false}
              value={draft.expand}
              error={problems.expand}
              onChange={(event) => onChange({ ...draft, expand: event.target.value })}
            />
            {draft.format === "template" && (
              <TextField
                label={texts.contentType}
                spellCheck={false}
                value={draft.contentType}
                error={problems.contentType}
                onChange={(event) => onChange({ ...draft, contentType: event.target.value })}
              />
            )}
          </div>
          {(kind === "program" || draft.headers.length > 0) && <HeadersField {...props} />}
          <div className="grid gap-4 sm:grid-cols-2">
            <SelectField
              label={texts.order}
              value={draft.order}
              options={[
                { value: "record", label: texts.orders.record },
                { value: "none", label: texts.orders.none },
              ]}
              error={problems.order}
              onChange={(order) => onChange({ ...draft, order })}
            />
            {kind === "program" && !stored && (
              <SelectField
                label={texts.signature}
                value={draft.signature}
                options={[
                  { value: "v1", label: texts.signatures.v1 },
                  { value: "v1a", label: texts.signatures.v1a },
                ]}
                error={problems.signature}
                onChange={(signature) => onChange({ ...draft, signature })}
              />
            )}
            <NumberField
              isWhole
              label={texts.concurrency}
              value={draft.concurrency}
              error={problems.concurrency}
              onChange={(concurrency) => onChange({ ...draft, concurrency: concurrency ?? 0 })}
            />
            <NumberField
              isWhole
              label={texts.timeout}
              unit={texts.seconds}
              value={draft.timeoutSeconds}
              error={problems.timeoutSeconds}
              onChange={(timeoutSeconds) => onChange({ ...draft, timeoutSeconds: timeoutSeconds ?? 0 })}
            />
          </div>
        </div>
      </Disclosure>
    </div>
  );
}
