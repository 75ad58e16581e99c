/** Which event, and with which record, something is tried out. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { recordQuery } from "#api/records.ts";
import type { Collection } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { RecordPicker } from "#fields/record-picker.tsx";
import { Button } from "#ui/button.tsx";
import { INPUT_LOOK } from "#ui/field-frame.tsx";
import { Popover } from "#ui/popover.tsx";
import { words } from "#words/words.ts";
import { describeEvent } from "./webhook-text.ts";

type EventAndRecordProps = {
  events: readonly string[];
  event: string;
  /** Its id; empty for the newest. */
  record: string;
  collections: readonly Collection[];
  onChange: (event: string, record: string) => void;
};

export function EventAndRecord({ events, event, record, collections, onChange }: EventAndRecordProps) {
  const texts = words().webhooks;
  const [isOpen, setOpen] = useState(false);
  const name = event.slice(0, event.lastIndexOf("."));
  const collection = collections.find((one) => one.name === name);
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-2">
      {events.length > 1 && (
        <select
          aria-label={texts.previewEvent}
          value={event}
          onChange={({ target }) => onChange(target.value, "")}
          className={`${INPUT_LOOK} h-9 w-auto! max-w-full border-line! text-sm`}
        >
          {events.map((one) => (
            <option key={one} value={one}>
              {describeEvent(one)}
            </option>
          ))}
        </select>
      )}
      {collection && (
        <Popover
          title={texts.chooseRecord}
          isOpen={isOpen}
          onOpenChange={setOpen}
          trigger={
            <Button className="max-w-full min-w-0 shrink! font-normal!">
              <span className="text-ink-soft">{texts.previewOf}</span>
              <span className="truncate">
                {record === "" ? texts.newest : <Name collection={collection} id={record} />}
              </span>
            </Button>
          }
        >
          <div className="flex w-72 max-w-full flex-col gap-2">
            <RecordPicker
              label={texts.previewRecord}
              collection={collection}
              value={record}
              onChange={(id) => {
                onChange(event, id);
                setOpen(false);
              }}
            />
            {record !== "" && (
              <Button
                look="quiet"
                className="h-8! self-start px-2!"
                onClick={() => {
                  onChange(event, "");
                  setOpen(false);
                }}
              >
                {texts.newest}
              </Button>
            )}
          </div>
        </Popover>
      )}
    </div>
  );
}

function Name({ collection, id }: { collection: Collection; id: string }) {
  const { data } = useQuery(recordQuery(collection, id));
  return data ? recordName(data, collection.fields) : id;
}
