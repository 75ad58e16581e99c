/** Where the record is used: how many records of other collections point to it, and the first of them by name. */

import { useQuery } from "@tanstack/react-query";
import { CornerUpLeft } from "lucide-react";
import { type BackRelation, backRelations, usedByFilter, usedByQuery } from "#api/back-relations.ts";
import { collectionsQuery } from "#api/collections.ts";
import type { Collection } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { asHref, paths } from "#lib/paths.ts";
import { words } from "#words/words.ts";
import { PanelSection } from "./panel-section.tsx";

export function UsedBy({ collection, id }: { collection: Collection; id: string }) {
  const { data: collections } = useQuery(collectionsQuery());
  const relations = backRelations(collections ?? [], collection.id);
  if (relations.length === 0) return null;
  return (
    <PanelSection title={words().recordPanel.usedBy} icon={CornerUpLeft}>
      <ul className="flex flex-col gap-2">
        {relations.map((relation) => (
          <Users key={`${relation.collection.id} ${relation.field.id}`} relation={relation} id={id} />
        ))}
      </ul>
    </PanelSection>
  );
}

function Users({ relation, id }: { relation: BackRelation; id: string }) {
  const { recordPanel } = words();
  const { collection, field } = relation;
  const { data } = useQuery(usedByQuery(relation, id));
  const all = asHref(paths.records(collection.name, { filter: usedByFilter(relation, id) }));
  return (
    <li className="text-sm">
      <p className="flex items-baseline gap-2">
        <span className="font-medium">{collection.name}</span>
        <span className="truncate text-ink-soft">{recordPanel.through(field.name)}</span>
        {data && (
          <a
            href={all}
            className="ml-auto shrink-0 text-moss-strong underline decoration-moss/40 hover:decoration-current"
          >
            {words().common.records(data.total)}
            <span className="sr-only"> ({collection.name})</span>
          </a>
        )}
      </p>
      {data && data.records.length > 0 && (
        <ul className="mt-1 flex flex-wrap gap-1.5">
          {data.records.map((record) => (
            <li key={record.id} className="max-w-full">
              <a
                href={asHref(paths.records(collection.name, { record: record.id }))}
                className="inline-block max-w-full truncate rounded-md border border-line bg-raised px-1.5 text-[13px] leading-6 hover:border-line-strong"
              >
                {recordName(record, collection.fields)}
              </a>
            </li>
          ))}
          {data.total > data.records.length && <li className="leading-6 text-ink-soft">…</li>}
        </ul>
      )}
    </li>
  );
}
