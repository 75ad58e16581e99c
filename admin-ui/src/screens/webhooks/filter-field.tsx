/** The condition under which a change is told: put together in words, or written as text. */

import { useQuery } from "@tanstack/react-query";
import { Code, ListFilter, Plus } from "lucide-react";
import { type ReactNode, useState } from "react";
import { ruleWordsQuery } from "#api/rules.ts";
import type { Collection } from "#api/types.ts";
import { filterFields } from "#fields/filter/filter-fields.ts";
import { FilterGroup } from "#fields/filter/filter-group.tsx";
import { visibleFields } from "#fields/visible-fields.ts";
import { type Group, operatorsOf } from "#lib/filter/model.ts";
import { readFilter } from "#lib/filter/read.ts";
import { writeFilter } from "#lib/filter/write.ts";
import { wordsAt } from "#lib/rules/complete.ts";
import { Button } from "#ui/button.tsx";
import { CodeEditor } from "#ui/code-editor.tsx";
import { words } from "#words/words.ts";

type FilterFieldProps = {
  filter: string;
  problem: string | undefined;
  /** The collections whose changes are told. */
  chosen: readonly Collection[];
  collections: readonly Collection[];
  onChange: (filter: string) => void;
};

export function FilterField(props: FilterFieldProps) {
  const { filter, chosen } = props;
  const texts = words().webhooks;
  const [isText, setText] = useState(false);
  const [only] = chosen;
  const canBeWords = only !== undefined && chosen.length === 1 && isReadable(filter, only, props.collections);
  const showsText = isText || (filter !== "" && !canBeWords);
  if (filter === "" && (!only || chosen.length > 1) && !isText)
    return (
      <Frame problem={props.problem}>
        {chosen.length > 1 && (
          <Button look="quiet" icon={Plus} className="h-8! self-start px-2!" onClick={() => setText(true)}>
            {words().grid.addCondition}
          </Button>
        )}
        <p className="text-sm text-ink-soft">{texts.filterEmpty}</p>
      </Frame>
    );
  return (
    <Frame problem={props.problem}>
      {showsText || !only ? <FilterText {...props} /> : <FilterWords key={only.id} {...props} collection={only} />}
      <div className="flex flex-wrap items-center gap-x-3">
        {showsText && canBeWords && (
          <Button look="quiet" icon={ListFilter} className="h-8! px-2!" onClick={() => setText(false)}>
            {words().grid.inWords}
          </Button>
        )}
        {!showsText && (
          <Button look="quiet" icon={Code} className="h-8! px-2!" onClick={() => setText(true)}>
            {words().grid.asText}
          </Button>
        )}
        {showsText && filter !== "" && !canBeWords && (
          <p className="text-sm text-ink-soft">{chosen.length > 1 ? texts.filterSeveral : texts.filterOnlyText}</p>
        )}
      </div>
    </Frame>
  );
}

function Frame({ problem, children }: { problem: string | undefined; children: ReactNode }) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1.5 text-sm font-medium">{words().webhooks.filterLead}</legend>
      {children}
      {problem && (
        <p role="alert" className="text-sm text-danger">
          {problem}
        </p>
      )}
    </fieldset>
  );
}

/** Dates of days are not told from moments here: both begin at midnight. */
function fieldsOf(collection: Collection, collections: readonly Collection[]) {
  const fields = visibleFields(collection);
  return { fields, filterFields: filterFields(fields, collections, () => false), collections };
}

function isReadable(filter: string, collection: Collection, collections: readonly Collection[]): boolean {
  return readFilter(filter, fieldsOf(collection, collections).filterFields) !== null;
}

/** Mounted for one collection. A condition that is still empty is no part of the filter, so it is kept here. */
function FilterWords({ filter, collection, collections, onChange }: FilterFieldProps & { collection: Collection }) {
  const tools = fieldsOf(collection, collections);
  const [group, setGroup] = useState<Group>(() => readFilter(filter, tools.filterFields) ?? { join: "and", items: [] });
  const change = (next: Group) => {
    setGroup(next);
    onChange(writeFilter(next, tools.filterFields));
  };
  const first = tools.filterFields.find(({ name }) => tools.fields.some((one) => one.name === name && !one.primaryKey));
  if (group.items.length === 0)
    return (
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <p className="text-sm text-ink-soft">{words().webhooks.filterEmpty}</p>
        {first && (
          <Button
            look="quiet"
            icon={Plus}
            className="h-8! px-2!"
            onClick={() =>
              change({
                join: "and",
                items: [{ field: first.name, operator: operatorsOf(first)[0] ?? "is", value: "" }],
              })
            }
          >
            {words().grid.addCondition}
          </Button>
        )}
      </div>
    );
  return <FilterGroup group={group} tools={tools} isInner={false} onChange={change} />;
}

function FilterText({ filter, chosen, onChange }: FilterFieldProps) {
  const texts = words().webhooks;
  const { data: vocabulary } = useQuery(ruleWordsQuery());
  const name = chosen[0]?.name ?? "";
  return (
    <CodeEditor
      label={texts.filterText}
      isLabelHidden
      language="rule"
      value={filter}
      minLines={2}
      hint={texts.filterTextHint}
      complete={(text, position) => {
        const found = vocabulary && wordsAt(text, position, name, vocabulary);
        return found ? { from: found.from, options: found.words.map(({ label }) => ({ label })) } : null;
      }}
      onChange={onChange}
    />
  );
}
