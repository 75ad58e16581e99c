/** Code for the receiver that checks the signature. */

import { useState } from "react";
import type { Webhook } from "#api/webhooks.ts";
import { VERIFY_LANGUAGES, type VerifyLanguage, verifyCode } from "#lib/webhooks/verify/code.ts";
import { CodeBlock } from "#ui/code-block.tsx";
import { Section } from "#ui/page.tsx";
import { Tabs } from "#ui/tabs.tsx";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";

const LANGUAGES: readonly VerifyLanguage[] = ["node", "python", "php", "go"];

export function VerifyCode({ webhook }: { webhook: Webhook }) {
  const texts = words().webhooks;
  const [language, setLanguage] = useState<VerifyLanguage>("node");
  return (
    <Section title={texts.checkTitle} lead={texts.checkLead}>
      <Tabs
        label={texts.language}
        value={language}
        tabs={LANGUAGES.map((value) => ({
          value,
          label: VERIFY_LANGUAGES[value],
          content: <Code language={value} webhook={webhook} />,
        }))}
        onChange={setLanguage}
      />
    </Section>
  );
}

function Code({ language, webhook }: { language: VerifyLanguage; webhook: Webhook }) {
  const texts = words().webhooks;
  const [hasLibrary, setLibrary] = useState(true);
  // The libraries know shared secrets only.
  const isPair = webhook.signature === "v1a";
  const variant = isPair ? "publicKey" : hasLibrary ? "library" : "plain";
  const { install, code } = verifyCode(language, variant, webhook.publicKey);
  return (
    <div className="flex flex-col gap-4">
      {!isPair && (
        <SelectField
          label={texts.how}
          value={hasLibrary ? "library" : "plain"}
          options={[
            { value: "library", label: texts.withLibrary },
            { value: "plain", label: texts.withoutLibrary },
          ]}
          onChange={(value) => setLibrary(value === "library")}
        />
      )}
      {install && <CodeBlock code={install} label={texts.install} />}
      <CodeBlock code={code.trimEnd()} label={texts.code} />
    </div>
  );
}
