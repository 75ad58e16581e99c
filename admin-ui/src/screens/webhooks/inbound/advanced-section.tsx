/** What most owners never need: other ids and events, for how long repeats are recognised, how old a signature may be. */

import { PROVIDER_FACTS } from "#lib/inbound/providers.ts";
import { Disclosure } from "#ui/disclosure.tsx";
import { NumberField } from "#ui/number-field.tsx";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { FormProps } from "./form-props.ts";

const INPUTS = ["idPath", "eventPath", "rememberDays", "toleranceSeconds", "url"] as const;

export function AdvancedSection({ draft, problems, address, onChange }: FormProps & { address: string }) {
  const texts = words().inbound;
  return (
    <div className="rounded-2xl border border-line bg-surface px-4 py-3">
      <Disclosure label={words().common.advanced} isOpen={INPUTS.some((name) => problems[name] !== undefined)}>
        <div className="grid gap-4 px-1 pb-2 sm:grid-cols-2">
          <TextField
            label={texts.idPath}
            hint={texts.idPathHint}
            placeholder="$.id"
            spellCheck={false}
            value={draft.idPath}
            error={problems.idPath}
            onChange={(event) => onChange({ ...draft, idPath: event.target.value })}
          />
          <TextField
            label={texts.eventPath}
            hint={texts.eventPathHint}
            placeholder="$.type"
            spellCheck={false}
            value={draft.eventPath}
            error={problems.eventPath}
            onChange={(event) => onChange({ ...draft, eventPath: event.target.value })}
          />
          <NumberField
            isWhole
            label={texts.rememberDays}
            unit={texts.days}
            hint={texts.rememberHint}
            value={draft.rememberDays}
            error={problems.rememberDays}
            onChange={(rememberDays) => onChange({ ...draft, rememberDays: rememberDays ?? 0 })}
          />
          <NumberField
            isWhole
            label={texts.tolerance}
            unit={texts.seconds}
            value={draft.toleranceSeconds}
            error={problems.toleranceSeconds}
            onChange={(toleranceSeconds) => onChange({ ...draft, toleranceSeconds })}
          />
          {PROVIDER_FACTS[draft.provider].signsAddress && (
            <TextField
              label={texts.signedAddress}
              hint={texts.signedAddressHint}
              type="url"
              placeholder={address}
              spellCheck={false}
              value={draft.url}
              error={problems.url}
              onChange={(event) => onChange({ ...draft, url: event.target.value })}
            />
          )}
        </div>
      </Disclosure>
    </div>
  );
}
