/** How it goes, what to enter at the sender, and a way to try it out. */

import type { Inbound } from "#api/inbound.ts";
import { isProvider, type Provider } from "#lib/inbound/providers.ts";
import { Section } from "#ui/page.tsx";
import { words } from "#words/words.ts";
import { useAddresses } from "./address.ts";
import { AddressBlock } from "./address-block.tsx";
import { Arrival } from "./arrival.tsx";
import { senderName } from "./inbound-text.ts";
import { Steps } from "./steps.tsx";
import { TryIt } from "./try-it.tsx";

type OverviewProps = {
  inbound: Inbound;
  now: Date;
  /** Known right after it was made up only. */
  secret?: string;
  /** The message that was pasted into the form, if one was. */
  sample?: string | null;
};

export function Overview({ inbound, now, secret, sample = null }: OverviewProps) {
  const texts = words().inbound;
  const addresses = useAddresses();
  const address = addresses.of(inbound.name);
  const provider: Provider = isProvider(inbound.provider) ? inbound.provider : "hmac";
  const isNamed = provider !== "standard" && provider !== "hmac";
  return (
    <div className="flex flex-col gap-5">
      <Arrival inbound={inbound} now={now} />
      <Section title={texts.connect} lead={isNamed ? texts.connectLead(senderName(provider)) : undefined}>
        <AddressBlock address={address} isNearby={addresses.isNearby} />
        <Steps provider={provider} />
      </Section>
      <TryIt inbound={inbound} provider={provider} address={inbound.url || address} secret={secret} sample={sample} />
    </div>
  );
}
