/** An incoming webhook that was made a moment ago: its secret is known this once. */

import { useQuery } from "@tanstack/react-query";
import { type Inbound, inboundQuery } from "#api/inbound.ts";
import { isProvider, PROVIDER_FACTS } from "#lib/inbound/providers.ts";
import { asHref, paths } from "#lib/paths.ts";
import { LinkButton } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { Page, Section } from "#ui/page.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { words } from "#words/words.ts";
import { Overview } from "./overview.tsx";

type CreatedInboundProps = { id: string; created: Inbound; secret: string | undefined; sample: string | null };

export function CreatedInbound({ id, created, secret, sample }: CreatedInboundProps) {
  const texts = words().inbound;
  const { data: inbound = created, dataUpdatedAt } = useQuery(inboundQuery(id));
  // One that the sender has made up is known there already, and is not shown.
  const isOurs = isProvider(inbound.provider) && PROVIDER_FACTS[inbound.provider].secret === "ours";
  const shown = isOurs ? secret : undefined;
  return (
    <Page
      title={texts.ready(inbound.name)}
      lead={
        <>
          <TextLink href={asHref(paths.inboundList())}>{texts.toList}</TextLink>
          <p className="mt-1">{texts.readyLead}</p>
        </>
      }
      actions={<LinkButton href={asHref(paths.inbound(id, { tab: "settings" }))}>{texts.toSettings}</LinkButton>}
    >
      {shown && (
        <Section title={texts.ownSecret} lead={texts.ownSecretLead}>
          <CodeBlock code={shown} label={texts.theSecret} />
        </Section>
      )}
      <Overview inbound={inbound} now={new Date(dataUpdatedAt || Date.now())} secret={shown} sample={sample} />
    </Page>
  );
}
