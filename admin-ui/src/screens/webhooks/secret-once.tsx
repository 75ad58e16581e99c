/** A secret right after it was made. It cannot be asked for again. */

import type { WebhookWithSecret } from "#api/webhooks.ts";
import { CodeBlock } from "#ui/code-block.tsx";
import { Section } from "#ui/page.tsx";
import { words } from "#words/words.ts";

export function SecretOnce({ webhook }: { webhook: WebhookWithSecret }) {
  const texts = words().webhooks;
  // Who checks by the public key has no use for the private one, and it never leaves the server's hands needlessly.
  const isPair = webhook.signature === "v1a";
  return (
    <Section
      title={isPair ? texts.publicKeyTitle : texts.secretTitle}
      lead={isPair ? texts.publicKeyLead : texts.secretOnce}
    >
      <CodeBlock code={isPair ? webhook.publicKey : webhook.secret} label={isPair ? texts.publicKey : texts.secret} />
    </Section>
  );
}
