/** Commands that sign a message and send it, for developers. */

import type { Inbound } from "#api/inbound.ts";
import type { Provider } from "#lib/inbound/providers.ts";
import { sampleOf } from "#lib/inbound/samples.ts";
import { tryCode } from "#lib/inbound/try-code.ts";
import { CodeBlock } from "#ui/code-block.tsx";
import { Disclosure } from "#ui/disclosure.tsx";
import { words } from "#words/words.ts";
import { senderName } from "./inbound-text.ts";

type TryItProps = {
  inbound: Inbound;
  provider: Provider;
  address: string;
  secret: string | undefined;
  sample: string | null;
};

export function TryIt({ inbound, provider, address, secret, sample }: TryItProps) {
  const texts = words().inbound;
  const { header, algorithm, encoding, prefix } = inbound;
  const { body, event } = sampleOf(provider);
  const target = { provider, address, body: sample ?? body, event, header, algorithm, encoding, prefix };
  const code = tryCode(target, secret || texts.yourSecret);
  return (
    <div className="rounded-2xl border border-line bg-surface px-4 py-3">
      <Disclosure label={texts.tryIt}>
        <div className="flex flex-col gap-3 px-1 pb-2">
          <p className="text-sm text-ink-soft">{code ? texts.tryLead : texts.tryElsewhere(senderName(provider))}</p>
          {code && <CodeBlock code={code} label={texts.tryCode} />}
        </div>
      </Disclosure>
    </div>
  );
}
