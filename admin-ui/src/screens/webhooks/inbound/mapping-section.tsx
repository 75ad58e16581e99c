/** The collection, and for each of its fields the value that it gets from a message. */

import { Sparkles } from "lucide-react";
import type { Collection } from "#api/types.ts";
import { Button } from "#ui/button.tsx";
import { Section } from "#ui/page.tsx";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { canKeepId, canKeepRaw, canReceive, type InboundDraft, type Source, withCollection } from "./draft.ts";
import type { FormProps } from "./form-props.ts";
import { MappingRow } from "./mapping-row.tsx";
import { NewCollection } from "./new-collection.tsx";
import { mappedFields, type Plan } from "./plan.ts";
import { RecordPreview } from "./record-preview.tsx";
import { refusalsOf } from "./refusals.ts";
import type { InboundPreviewState } from "./use-inbound-preview.ts";

type MappingSectionProps = FormProps & {
  plan: Plan;
  preview: InboundPreviewState;
  collections: readonly Collection[];
};

export function MappingSection(props: MappingSectionProps) {
  const { draft, problems, plan, preview, collections, onChange } = props;
  const texts = words().inbound;
  const choices = collections.filter(canReceive);
  const choose = (name: string) =>
    onChange(
      withCollection(
        draft,
        choices.find((one) => one.name === name),
      ),
    );
  return (
    <Section title={texts.becomes} lead={texts.becomesLead}>
      <div className="flex flex-wrap items-end gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <SelectField
            label={texts.collection}
            value={plan.collection?.name ?? ""}
            options={[
              { value: "", label: texts.chooseCollection },
              ...choices.map(({ name }) => ({ value: name, label: name })),
            ]}
            error={problems.collection}
            onChange={choose}
          />
        </div>
        <NewCollection
          plan={plan}
          provider={draft.provider}
          taken={collections}
          onMade={(collection, sources, rawField) =>
            onChange({ ...withCollection(draft, collection), sources, rawField })
          }
        />
      </div>
      {plan.collection ? <Fields {...props} /> : <p className="text-sm text-ink-soft">{texts.chooseFirst}</p>}
      <RecordPreview preview={preview} collection={plan.collection} />
    </Section>
  );
}

function Fields({ draft, problems, plan, preview, onChange }: MappingSectionProps) {
  const texts = words().inbound;
  const sent = mappedFields(plan);
  const refusals = preview.isSettled && preview.data ? refusalsOf(preview.data) : undefined;
  const put = (field: string, source: Source) => {
    onChange({ ...draft, sources: new Map(draft.sources).set(field, source) });
  };
  const hasEmpty = plan.rows.some(({ source }) => source.kind === "none");
  return (
    <>
      <div className="flex flex-col gap-2">
        <div className="flex flex-wrap items-baseline justify-between gap-x-4">
          <h3 className="text-sm font-medium">{texts.fields}</h3>
          {!draft.suggests && hasEmpty && (
            <Button
              look="quiet"
              icon={Sparkles}
              className="h-8! px-2!"
              onClick={() => onChange({ ...draft, sources: withoutEmpty(draft), suggests: true })}
            >
              {texts.suggestRest}
            </Button>
          )}
        </div>
        <p className="text-sm text-ink-soft">{plan.rows.length === 0 ? texts.noFields : texts.fieldsHint}</p>
        <ul aria-label={texts.fields} className="flex flex-col divide-y divide-line">
          {plan.rows.map((row) => (
            <MappingRow
              key={row.field.name}
              {...row}
              leaves={plan.leaves}
              found={
                preview.isSettled ? preview.data?.mapping.find(({ field }) => field === row.field.name) : undefined
              }
              refusal={refusals?.get(row.field.name)}
              problem={problemOf(problems, sent.indexOf(row.field.name))}
              onChange={(source) => put(row.field.name, source)}
            />
          ))}
        </ul>
      </div>
      <KeepFields draft={draft} problems={problems} plan={plan} onChange={onChange} />
    </>
  );
}

/** What is empty on purpose is not told from what nobody has filled yet. */
function withoutEmpty({ sources }: InboundDraft): InboundDraft["sources"] {
  return new Map([...sources].filter(([, { kind }]) => kind !== "none"));
}

/** Of the entry that is sent with this number. */
function problemOf(problems: Readonly<Record<string, string>>, number: number): string | undefined {
  if (number < 0) return undefined;
  const at = `mapping.${number}`;
  return problems[`${at}.path`] ?? problems[`${at}.value`] ?? problems[`${at}.field`] ?? problems[at];
}

function KeepFields({
  draft,
  problems,
  plan,
  onChange,
}: Pick<MappingSectionProps, "draft" | "problems" | "plan" | "onChange">) {
  const texts = words().inbound;
  const fields = plan.collection?.fields ?? [];
  const optionsOf = (names: string[]) => [
    { value: "", label: texts.nowhere },
    ...names.map((value) => ({ value, label: value })),
  ];
  const ids = fields.filter((field) => canKeepId(field) && field.name !== draft.rawField).map(({ name }) => name);
  const raws = fields.filter((field) => canKeepRaw(field) && field.name !== draft.idField).map(({ name }) => name);
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label={texts.idField}
        hint={texts.idFieldHint}
        value={draft.idField}
        options={optionsOf(ids)}
        error={problems.idField}
        onChange={(idField) => onChange({ ...draft, idField })}
      />
      <SelectField
        label={texts.rawField}
        hint={texts.rawFieldHint}
        value={draft.rawField}
        options={optionsOf(raws)}
        error={problems.rawField}
        onChange={(rawField) => onChange({ ...draft, rawField })}
      />
    </div>
  );
}
