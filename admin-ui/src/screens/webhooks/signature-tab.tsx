/** How receivers know that a message is genuine: the secrets in use, a new one, and code that checks. */

import { KeyRound } from "lucide-react";
import { useState } from "react";
import type { Webhook, WebhookWithSecret } from "#api/webhooks.ts";
import { formatMoment } from "#lib/format.ts";
import { Button } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { Notice } from "#ui/notice.tsx";
import { Section } from "#ui/page.tsx";
import { words } from "#words/words.ts";
import { kindOf } from "./kinds.ts";
import { RotateDialog } from "./rotate-dialog.tsx";
import { SecretOnce } from "./secret-once.tsx";
import { VerifyCode } from "./verify-code.tsx";

export function SignatureTab({ webhook }: { webhook: Webhook }) {
  const texts = words().webhooks;
  const [isAsking, setAsking] = useState(false);
  const [rotated, setRotated] = useState<WebhookWithSecret | null>(null);
  const isPair = webhook.signature === "v1a";
  return (
    <div className="flex flex-col gap-5">
      {kindOf(webhook.format) !== "program" && <Notice>{texts.chatNeedsNone}</Notice>}
      {rotated && <SecretOnce webhook={rotated} />}
      <Section
        title={texts.secrets}
        lead={texts.securityLead}
        actions={
          <Button icon={KeyRound} onClick={() => setAsking(true)}>
            {texts.rotate}
          </Button>
        }
      >
        {isPair && !rotated && webhook.publicKey !== "" && (
          <div className="flex flex-col gap-1.5">
            <p className="text-sm text-ink-soft">{texts.publicKeyLead}</p>
            <CodeBlock code={webhook.publicKey} label={texts.publicKey} />
          </div>
        )}
        <ul className="flex flex-col gap-1.5 text-sm">
          {webhook.secrets.map(({ created, expires }) => (
            <li key={created} className="flex flex-wrap items-center gap-x-3">
              <KeyRound className="size-4 text-ink-soft" aria-hidden />
              <span>{texts.secretSince(formatMoment(created))}</span>
              {expires !== "" && <span className="text-ink-soft">{texts.secretUntil(formatMoment(expires))}</span>}
            </li>
          ))}
        </ul>
      </Section>
      <VerifyCode webhook={webhook} />
      <RotateDialog webhook={webhook} isOpen={isAsking} onRotated={setRotated} onClose={() => setAsking(false)} />
    </div>
  );
}
