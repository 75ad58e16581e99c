/** Where the rows go: into a new collection or one that is there, and what happens to records that are there already. */

import type { ImportColumn, ImportPlan } from "#api/imports.ts";
import type { Collection } from "#api/types.ts";
import { tidyName, toFieldName } from "#lib/schema/names.ts";
import { Section } from "#ui/page.tsx";
import { SelectField, TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";

type TargetProps = {
  plan: ImportPlan;
  collections: readonly Collection[];
  columns: readonly ImportColumn[];
  problems: Record<string, string>;
  onChange: (part: Partial<ImportPlan>) => void;
  onName: (name: string) => void;
  onKey: (key: string | null) => void;
  /** Another collection that is there: the server suggests a plan for it. */
  onChoose: (collection: string) => void;
};

const NEW = "";

export function Target({ plan, collections, columns, problems, onChange, onName, onKey, onChoose }: TargetProps) {
  const texts = words().imports;
  const writable = collections.filter(({ type, system }) => type !== "view" && !system);
  const isThere = writable.some(({ name }) => name === plan.collection);
  const choose = (name: string) => {
    if (name === NEW) onChange({ collection: "", mode: "create", key: null });
    else onChoose(name);
  };
  return (
    <Section title={texts.into}>
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={texts.collection}
          value={isThere ? plan.collection : NEW}
          options={[
            { value: NEW, label: texts.newCollection },
            ...writable.map(({ name }) => ({ value: name, label: name })),
          ]}
          onChange={choose}
        />
        {!isThere && (
          <TextField
            label={texts.name}
            hint={texts.nameHint}
            value={plan.collection}
            spellCheck={false}
            error={problems.collection}
            onChange={(event) => onName(toFieldName(event.target.value))}
            onBlur={() => {
              const name = tidyName(plan.collection);
              if (name !== plan.collection) onName(name);
            }}
          />
        )}
        {isThere && (
          <SelectField
            label={texts.existing}
            value={plan.mode}
            error={problems.mode}
            options={(["create", "upsert", "update"] as const).map((value) => ({ value, label: texts.modes[value] }))}
            onChange={(mode) => onChange({ mode, key: mode === "create" ? null : plan.key })}
          />
        )}
        {isThere && plan.mode !== "create" && (
          <SelectField
            label={texts.key}
            value={plan.key ?? ""}
            error={problems.key}
            options={[
              { value: "", label: texts.chooseKey },
              ...columns.map(({ name }) => ({ value: name, label: name })),
            ]}
            onChange={(key) => onKey(key || null)}
          />
        )}
      </div>
    </Section>
  );
}
