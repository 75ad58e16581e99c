/** An endpoint that was made a moment ago: its secret, which is told this once, and the way to try it out. */

import { Send } from "lucide-react";
import { useState } from "react";
import type { WebhookWithSecret } from "#api/webhooks.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Button, LinkButton } from "#ui/button.tsx";
import { Page } from "#ui/page.tsx";
import { words } from "#words/words.ts";
import { kindOf } from "./kinds.ts";
import { SecretOnce } from "./secret-once.tsx";
import { TestDialog } from "./test-dialog.tsx";
import { VerifyCode } from "./verify-code.tsx";

export function CreatedWebhook({ webhook }: { webhook: WebhookWithSecret }) {
  const texts = words().webhooks;
  const [isTesting, setTesting] = useState(false);
  return (
    <Page
      title={texts.created(webhook.name)}
      lead={texts.createdLead}
      actions={
        <>
          <Button look="primary" icon={Send} onClick={() => setTesting(true)}>
            {texts.test}
          </Button>
          <LinkButton href={asHref(paths.webhook(webhook.id))}>{words().deliveries.title}</LinkButton>
        </>
      }
    >
      {kindOf(webhook.format) === "program" && (
        <>
          <SecretOnce webhook={webhook} />
          <VerifyCode webhook={webhook} />
        </>
      )}
      <TestDialog webhook={webhook} isOpen={isTesting} onClose={() => setTesting(false)} />
    </Page>
  );
}
