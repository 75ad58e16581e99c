/** What connects the two: the address that is entered there, and the secret that both know. */

import { Section } from "#ui/page.tsx";
import { SelectField, TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { AddressBlock } from "./address-block.tsx";
import type { FormProps } from "./form-props.ts";
import { senderName } from "./inbound-text.ts";
import { SecretsField } from "./secrets-field.tsx";
import { Steps } from "./steps.tsx";

type ConnectSectionProps = FormProps & { suggestedName: string; address: string; isNearby: boolean };

export function ConnectSection(props: ConnectSectionProps) {
  const { draft, problems, suggestedName, address, isNearby, onChange } = props;
  const texts = words().inbound;
  return (
    <Section title={texts.connect}>
      <TextField
        label={texts.name}
        hint={texts.nameHint}
        placeholder={suggestedName}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        value={draft.name}
        error={problems.name}
        onChange={(event) => onChange({ ...draft, name: slug(event.target.value) })}
      />
      <AddressBlock address={address} isNearby={isNearby} />
      <div>
        <h3 className="mb-1.5 text-sm font-medium">
          {draft.provider === "standard" || draft.provider === "hmac"
            ? texts.whereOther
            : texts.where(senderName(draft.provider))}
        </h3>
        <Steps provider={draft.provider} />
      </div>
      <SecretsField {...props} />
      {draft.provider === "hmac" && <HmacFields {...props} />}
    </Section>
  );
}

/** What may stand in an address, while it is typed. */
function slug(typed: string): string {
  return typed.toLowerCase().replace(/[^a-z0-9-]+/g, "-");
}

const ALGORITHMS = ["sha256", "sha1", "sha512"] as const;
const ENCODINGS = ["hex", "base64"] as const;

function HmacFields({ draft, problems, onChange }: FormProps) {
  const texts = words().inbound;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        label={texts.header}
        spellCheck={false}
        value={draft.header}
        error={problems.header}
        onChange={(event) => onChange({ ...draft, header: event.target.value })}
      />
      <TextField
        label={texts.prefix}
        hint={texts.prefixHint}
        spellCheck={false}
        value={draft.prefix}
        error={problems.prefix}
        onChange={(event) => onChange({ ...draft, prefix: event.target.value })}
      />
      <SelectField
        label={texts.algorithm}
        value={draft.algorithm}
        options={ALGORITHMS.map((value) => ({ value, label: value.replace("sha", "SHA-") }))}
        error={problems.algorithm}
        onChange={(algorithm) => onChange({ ...draft, algorithm })}
      />
      <SelectField
        label={texts.encoding}
        value={draft.encoding}
        options={ENCODINGS.map((value) => ({ value, label: texts.encodings[value] }))}
        error={problems.encoding}
        onChange={(encoding) => onChange({ ...draft, encoding })}
      />
    </div>
  );
}
