/** One record in full, beside the sheet it comes from: read, changed, made. Which one, the address says. */

import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { explain } from "#api/errors.ts";
import { copyFiles } from "#api/file-copies.ts";
import { keys } from "#api/keys.ts";
import { recordQuery } from "#api/records.ts";
import type { Collection, Field, StoredRecord } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { PanelContent, PanelShell } from "#ui/side-panel.tsx";
import { words } from "#words/words.ts";
import { CreateRelatedProvider } from "./create-related-provider.tsx";
import { copiedValues, draftOf } from "./draft.ts";
import { type PanelPlace, PanelPlaceContext } from "./panel-place.ts";
import { ReadOnlyRecord } from "./read-only-record.tsx";
import { RecordEditor } from "./record-editor.tsx";
import { type StepDirection, Steps } from "./steps.tsx";

type RecordPanelProps = {
  collection: Collection;
  fields: Field[];
  /** The records of the sheet, to step through. */
  neighbours: StoredRecord[];
  place: Omit<PanelPlace, "remove">;
  onDelete: PanelPlace["remove"];
};

export function RecordPanel({ collection, fields, neighbours, place, onDelete }: RecordPanelProps) {
  const isOpen = place.record !== undefined || place.create !== undefined;
  // The panel keeps its content while it goes away.
  const shown = useRef<Pick<PanelPlace, "record" | "create">>({});
  if (isOpen) shown.current = { record: place.record, create: place.create };
  const { record: id, create } = shown.current;
  const stepped = useRef<StepDirection | null>(null);

  const step = (direction: StepDirection, record: string) => {
    stepped.current = direction;
    place.adjust({ record });
  };
  const steps = create ? null : <Steps neighbours={neighbours} id={id ?? ""} stepped={stepped} onStep={step} />;
  return (
    <PanelPlaceContext value={{ ...place, remove: onDelete }}>
      <PanelShell isOpen={isOpen} onClose={() => place.go({ record: undefined, create: undefined })}>
        <CreateRelatedProvider>
          {create ? (
            <NewRecord key={`${create} ${id}`} collection={collection} source={create === "copy" ? id : undefined} />
          ) : (
            <StoredRecordPanel
              key={id}
              id={id ?? ""}
              collection={collection}
              fields={fields}
              seen={neighbours.find((record) => record.id === id)}
              steps={steps}
            />
          )}
        </CreateRelatedProvider>
      </PanelShell>
    </PanelPlaceContext>
  );
}

type StoredRecordPanelProps = {
  id: string;
  collection: Collection;
  fields: Field[];
  /** As the sheet has it: enough for the title. */
  seen: StoredRecord | undefined;
  steps: React.ReactNode;
};

function StoredRecordPanel({ id, collection, fields, seen, steps }: StoredRecordPanelProps) {
  const { data, error, isFetchedAfterMount } = useQuery(recordQuery(collection, id));
  // What an earlier look has left in the cache may be old, and a form begins with what is true now.
  if (!data || !isFetchedAfterMount) {
    return (
      <PanelContent title={seen ? recordName(seen, collection.fields) : words().recordPanel.record} actions={steps}>
        {error ? <Notice tone="danger">{explain(error).message}</Notice> : <Loading />}
      </PanelContent>
    );
  }
  if (collection.type === "view") {
    return <ReadOnlyRecord collection={collection} fields={fields} record={data} actions={steps} />;
  }
  return <RecordEditor collection={collection} start={draftOf(data)} fresh={data} steps={steps} />;
}

function NewRecord({ collection, source }: { collection: Collection; source: string | undefined }) {
  const { data, error } = useQuery({
    queryKey: keys.copyOf(collection.name, source),
    queryFn: async ({ client }) => {
      const record = await client.fetchQuery(recordQuery(collection, source ?? ""));
      return { ...copiedValues(draftOf(record), collection), ...(await copyFiles(collection, record)) };
    },
    enabled: source !== undefined,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const typed = source === undefined ? {} : data;
  if (!typed) {
    return (
      <PanelContent title={words().recordPanel.newIn(collection.name)}>
        {error ? <Notice tone="danger">{explain(error).message}</Notice> : <Loading />}
      </PanelContent>
    );
  }
  return <RecordEditor collection={collection} start={draftOf(undefined, typed)} fresh={undefined} />;
}
