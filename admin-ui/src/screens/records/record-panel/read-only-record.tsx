/** A record that cannot be changed: rows of views are calculated. */

import type { ReactNode } from "react";
import type { Collection, Field, StoredRecord } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { kindOf } from "#fields/registry.ts";
import { CopyButton } from "#ui/copy-button.tsx";
import { PanelContent } from "#ui/side-panel.tsx";
import { words } from "#words/words.ts";
import { asJson } from "./as-json.ts";
import { IdLine } from "./id-line.tsx";

type ReadOnlyRecordProps = { collection: Collection; fields: Field[]; record: StoredRecord; actions: ReactNode };

export function ReadOnlyRecord({ collection, fields, record, actions }: ReadOnlyRecordProps) {
  const { recordPanel } = words();
  return (
    <PanelContent title={recordName(record, collection.fields)} actions={actions}>
      <div className="flex flex-col gap-4">
        <IdLine id={record.id} />
        <p className="text-sm text-ink-soft">{recordPanel.calculated}</p>
        <dl className="flex flex-col border-t border-line">
          {fields
            .filter(({ primaryKey }) => !primaryKey)
            .map((field) => (
              <Value key={field.id} field={field} record={record} />
            ))}
        </dl>
        <div>
          <CopyButton label={recordPanel.copyJson} text={asJson(record)} />
        </div>
      </div>
    </PanelContent>
  );
}

function Value({ field, record }: { field: Field; record: StoredRecord }) {
  const { icon: Icon, Detail } = kindOf(field);
  return (
    <div className="border-b border-line py-3">
      <dt className="mb-1 flex items-center gap-2 text-[13px] text-ink-soft">
        <Icon className="size-3.5" aria-hidden />
        {field.name}
      </dt>
      <dd className="min-w-0">
        <Detail field={field} value={record[field.name]} record={record} />
      </dd>
    </div>
  );
}
