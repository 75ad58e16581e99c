/** The query of a calculated list, and what it gives. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { collectionsQuery } from "#api/collections.ts";
import { explain } from "#api/errors.ts";
import { viewPreviewQuery } from "#api/schema.ts";
import type { Collection } from "#api/types.ts";
import { kindOf } from "#fields/registry.ts";
import { classNames } from "#lib/class-names.ts";
import { CodeEditor } from "#ui/code-editor.tsx";
import { Notice } from "#ui/notice.tsx";
import { Section } from "#ui/page.tsx";
import { useDelayed } from "#ui/use-delayed.ts";
import { words } from "#words/words.ts";
import { typeLabel } from "./describe.ts";
import type { Editor } from "./use-editor.ts";

const PAUSE_MS = 500;

export function QueryTab({ editor }: { editor: Editor }) {
  const say = words().schema;
  const query = editor.draft.collection.viewQuery ?? "";
  const asked = useDelayed(query, PAUSE_MS).trim();
  const { data: collections } = useQuery(collectionsQuery());
  const tables = useMemo(() => tablesOf(collections ?? []), [collections]);
  const preview = useQuery({ ...viewPreviewQuery(asked), enabled: asked !== "", placeholderData: keepPreviousData });
  const refused = editor.errorsOf("viewQuery")[""];
  const problem = preview.error
    ? explain(preview.error).message.replace(/^Invalid view query\. Raw error: \s*/, "")
    : "";
  return (
    <div className="flex flex-col gap-5">
      <CodeEditor
        label={say.queryLabel}
        language="sql"
        value={query}
        minLines={6}
        tables={tables}
        placeholder="SELECT id, name FROM customers"
        hint={say.queryLead}
        error={refused ?? (problem || undefined)}
        onChange={(viewQuery) => editor.setKeys({ viewQuery })}
      />
      <Section title={say.queryPreview} lead={say.queryPreviewLead}>
        {asked === "" && <p className="text-ink-soft">{say.queryWaiting}</p>}
        {preview.data && asked !== "" && (
          <Sample
            fields={preview.data.fields}
            sample={preview.data.sample}
            isOutdated={problem !== "" || preview.isPlaceholderData}
          />
        )}
      </Section>
    </div>
  );
}

type SampleProps = Pick<Collection, "fields"> & {
  sample: { [key: string]: unknown }[];
  isOutdated: boolean;
};

function Sample({ fields, sample, isOutdated }: SampleProps) {
  const say = words().schema;
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls sideways, by keyboard as well
      tabIndex={0}
      aria-label={say.queryPreview}
      className={classNames("overflow-x-auto rounded-xl border border-line", isOutdated && "opacity-60")}
    >
      <table className="w-full text-sm">
        <thead>
          <tr className="border-b border-line bg-sunken text-left">
            {fields.map((field) => {
              const { icon: Icon } = kindOf(field);
              return (
                <th key={field.name} scope="col" className="px-3 py-2 font-medium whitespace-nowrap">
                  <span className="flex items-center gap-1.5" title={typeLabel(field.type)}>
                    <Icon className="size-3.5 text-ink-soft" aria-hidden />
                    {field.name}
                  </span>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {sample.map((record) => (
            <tr key={String(record.id)} className="border-b border-line last:border-0">
              {fields.map((field) => (
                <td key={field.name} className="max-w-64 truncate px-3 py-1.5">
                  {cellText(record[field.name])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {sample.length === 0 && (
        <div className="p-3">
          <Notice>{say.queryEmpty}</Notice>
        </div>
      )}
    </section>
  );
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function tablesOf(collections: Collection[]): Record<string, string[]> {
  return Object.fromEntries(collections.map(({ name, fields }) => [name, fields.map((field) => field.name)]));
}
