/** Everything that can be said of an endpoint, in the order in which an owner thinks of it. */

import { useQuery } from "@tanstack/react-query";
import { collectionsQuery } from "#api/collections.ts";
import { Section } from "#ui/page.tsx";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { AdvancedSection } from "./advanced-section.tsx";
import type { FormProps } from "./form-props.ts";
import { KindChoice } from "./kind-choice.tsx";
import { SaySection } from "./say-section.tsx";
import { presentProblems, usePreview } from "./use-preview.ts";
import { WhenSection } from "./when-section.tsx";
import { WhereFields } from "./where-fields.tsx";

export function WebhookForm(props: FormProps & { suggestedName: string }) {
  const { draft, stored, suggestedName, onChange } = props;
  const texts = words().webhooks;
  const { data: collections = [] } = useQuery(collectionsQuery());
  const preview = usePreview(draft, stored, collections);
  const problems = presentProblems(props.problems, preview);
  const form: FormProps = { draft, stored, problems, onChange };
  return (
    <div className="flex flex-col gap-5">
      <Section title={texts.what}>
        <KindChoice {...form} />
        <WhereFields {...form} />
        <TextField
          label={texts.name}
          hint={texts.nameHint}
          placeholder={suggestedName}
          value={draft.name}
          error={problems.name}
          onChange={(event) => onChange({ ...draft, name: event.target.value })}
        />
      </Section>
      <WhenSection {...form} collections={collections} />
      <SaySection {...form} preview={preview} collections={collections} />
      <AdvancedSection {...form} />
    </div>
  );
}
