/** One record in full, beside the sheet it comes from. */

import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronUp } from "lucide-react";
import { explain } from "#api/errors.ts";
import { recordQuery } from "#api/records.ts";
import type { Collection, Field, StoredRecord } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { fieldTypeName, kindOf } from "#fields/registry.ts";
import { IconButton } from "#ui/button.tsx";
import { CopyButton } from "#ui/copy-button.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { SidePanel } from "#ui/side-panel.tsx";
import { usePlace } from "./use-place.ts";

type RecordPanelProps = {
  collection: Collection;
  fields: Field[];
  /** The records of the sheet, to step through. */
  neighbours: StoredRecord[];
};

export function RecordPanel({ collection, fields, neighbours }: RecordPanelProps) {
  const place = usePlace();
  const id = place.record ?? "";
  const found = useQuery({
    ...recordQuery(collection, id),
    enabled: id !== "",
    placeholderData: neighbours.find((record) => record.id === id),
  });
  return (
    <SidePanel
      isOpen={id !== ""}
      title={found.data ? recordName(found.data, collection.fields) : "Record"}
      onClose={() => place.go({ record: undefined })}
      actions={<Steps neighbours={neighbours} id={id} onStep={(record) => place.adjust({ record })} />}
    >
      {found.isPending && <Loading />}
      {found.error && <Notice tone="danger">{explain(found.error).message}</Notice>}
      {found.data && <Values fields={fields} record={found.data} />}
    </SidePanel>
  );
}

type StepsProps = { neighbours: StoredRecord[]; id: string; onStep: (id: string) => void };

function Steps({ neighbours, id, onStep }: StepsProps) {
  const index = neighbours.findIndex((record) => record.id === id);
  const previous = index > 0 ? neighbours[index - 1] : undefined;
  const next = index >= 0 ? neighbours[index + 1] : undefined;
  return (
    <>
      <IconButton
        label="Previous record"
        icon={ChevronUp}
        disabled={!previous}
        onClick={() => previous && onStep(previous.id)}
      />
      <IconButton label="Next record" icon={ChevronDown} disabled={!next} onClick={() => next && onStep(next.id)} />
    </>
  );
}

function Values({ fields, record }: { fields: Field[]; record: StoredRecord }) {
  const { expand: _, ...values } = record;
  const shown = fields.filter(({ primaryKey }) => !primaryKey);
  return (
    <div className="flex flex-col gap-4">
      <p className="flex items-center gap-1 text-[13px] text-ink-soft">
        id <span className="truncate font-mono">{record.id}</span>
        <CopyButton label="Copy id" text={record.id} isIconOnly />
      </p>
      <dl className="flex flex-col border-t border-line">
        {shown.map((field) => (
          <Value key={field.id} field={field} record={record} />
        ))}
      </dl>
      <div>
        <CopyButton label="Copy as JSON" text={JSON.stringify(values, null, 2)} />
      </div>
    </div>
  );
}

function Value({ field, record }: { field: Field; record: StoredRecord }) {
  const { icon: Icon, Detail } = kindOf(field);
  return (
    <div className="flex flex-col gap-x-4 gap-y-1 border-b border-line py-3 sm:flex-row">
      <dt
        className="flex shrink-0 items-baseline gap-2 text-sm text-ink-soft sm:w-40"
        title={fieldTypeName(field.type)}
      >
        <Icon className="size-3.5 shrink-0 translate-y-0.5" aria-hidden />
        <span className="min-w-0 break-words">
          {field.name}
          {field.hidden && <span className="block text-xs">superusers only</span>}
        </span>
      </dt>
      <dd className="min-w-0 flex-1">
        <Detail field={field} value={record[field.name]} record={record} />
        {field.help && <p className="mt-1 text-sm text-ink-soft">{field.help}</p>}
      </dd>
    </div>
  );
}
