/** Everything that can be said of an incoming webhook, in the order in which an owner thinks of it. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { collectionsQuery } from "#api/collections.ts";
import { Section } from "#ui/page.tsx";
import { words } from "#words/words.ts";
import { useAddresses } from "./address.ts";
import { AdvancedSection } from "./advanced-section.tsx";
import { ConnectSection } from "./connect-section.tsx";
import type { FormProps } from "./form-props.ts";
import { MappingSection } from "./mapping-section.tsx";
import { planOf, previewInputOf, readSample, sampleText } from "./plan.ts";
import { ProviderChoice } from "./provider-choice.tsx";
import { SampleSection } from "./sample-section.tsx";
import { presentProblems, useInboundPreview } from "./use-inbound-preview.ts";

export function InboundForm(props: FormProps & { suggestedName: string }) {
  const { draft, stored, suggestedName, onChange } = props;
  const { data: collections = [] } = useQuery(collectionsQuery());
  const addresses = useAddresses();
  const address = addresses.of(draft.name || suggestedName);
  const sample = sampleText(draft);
  // A long message is not taken apart again for every letter that is typed elsewhere.
  const read = useMemo(() => readSample(sample), [sample]);
  const plan = useMemo(() => planOf(draft, collections, read), [draft, collections, read]);
  const preview = useInboundPreview(previewInputOf(draft, plan, address, stored));
  const form: FormProps = { draft, stored, problems: presentProblems(props.problems, preview), onChange };
  return (
    <div className="flex flex-col gap-5">
      <Section title={words().inbound.who}>
        <ProviderChoice {...form} />
      </Section>
      <ConnectSection {...form} suggestedName={suggestedName} address={address} isNearby={addresses.isNearby} />
      <SampleSection
        {...form}
        plan={plan}
        event={preview.data?.event ?? ""}
        problem={preview.data?.sampleError || undefined}
      />
      <MappingSection {...form} plan={plan} preview={preview} collections={collections} />
      <AdvancedSection {...form} address={address} />
    </div>
  );
}
