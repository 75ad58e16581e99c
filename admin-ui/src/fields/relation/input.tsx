/** The records that are linked, by name and in order, and the way to more of them. */

import { useQuery } from "@tanstack/react-query";
import { ExternalLink, Plus, X } from "lucide-react";
import { useState } from "react";
import { relatedQuery } from "#api/candidates.ts";
import { collectionsQuery } from "#api/collections.ts";
import type { Collection, StoredRecord } from "#api/types.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Button } from "#ui/button.tsx";
import { Popover } from "#ui/popover.tsx";
import { SortableList } from "#ui/sortable-list.tsx";
import { words } from "#words/words.ts";
import type { FieldInput, InputProps } from "../field-input.ts";
import { recordName } from "../record-name.ts";
import { asList, asText } from "../values.ts";
import { useCreateRelated } from "./create-related.ts";
import { RelationPicker } from "./picker.tsx";

function RelationInput({ field, value, onChange, id, describedBy }: InputProps) {
  const { inputs } = words();
  const { data: collections } = useQuery(collectionsQuery());
  const target = collections?.find((collection) => collection.id === field.collectionId);
  const ids = asList(value);
  const { data: records } = useQuery(relatedQuery(target, ids));
  const names = new Map((records ?? []).map((record) => [record.id, recordName(record, target?.fields ?? [])]));
  const set = (next: string[]) => onChange(isMultiple(field) ? next : (next[0] ?? ""));
  return (
    <fieldset aria-labelledby={`${id}-label`} aria-describedby={describedBy} className="flex flex-col gap-1.5">
      {ids.length > 0 && (
        <SortableList
          items={ids}
          keyOf={(item) => item}
          nameOf={(item) => names.get(item) ?? item}
          onOrder={ids.length > 1 ? set : undefined}
        >
          {(item) => (
            <>
              {target ? (
                <a
                  href={asHref(paths.records(target.name, { record: item }))}
                  title={inputs.openRecord}
                  className="group/link inline-flex min-w-0 flex-1 items-center gap-1.5 rounded-sm hover:text-moss-strong"
                >
                  <span className="truncate">{names.get(item) ?? item}</span>
                  <ExternalLink
                    className="size-3.5 shrink-0 opacity-0 group-hover/link:opacity-100 group-focus-visible/link:opacity-100"
                    aria-hidden
                  />
                </a>
              ) : (
                <span className="min-w-0 flex-1 truncate font-mono text-[13px]">{item}</span>
              )}
              <button
                type="button"
                aria-label={inputs.unlink(names.get(item) ?? item)}
                title={inputs.unlink(names.get(item) ?? item)}
                onClick={() => set(ids.filter((other) => other !== item))}
                className="flex size-7 shrink-0 items-center justify-center rounded-md text-ink-soft hover:bg-sunken hover:text-ink"
              >
                <X className="size-4" aria-hidden />
              </button>
            </>
          )}
        </SortableList>
      )}
      {target && <Adder id={id} field={field} target={target} ids={ids} onChange={set} />}
      {collections && !target && <p className="text-sm text-ink-soft">{inputs.targetGone}</p>}
    </fieldset>
  );
}

type AdderProps = {
  id: string;
  field: InputProps["field"];
  target: Collection;
  ids: string[];
  onChange: (ids: string[]) => void;
};

function Adder({ id, field, target, ids, onChange }: AdderProps) {
  const { inputs } = words();
  const [isOpen, setOpen] = useState(false);
  const create = useCreateRelated();
  const max = isMultiple(field) ? (field.maxSelect ?? 1) : 1;
  const isFull = isMultiple(field) && ids.length >= max;
  const toggle = ({ id: chosen }: StoredRecord) => {
    if (!isMultiple(field)) {
      onChange(ids.includes(chosen) && !field.required ? [] : [chosen]);
      setOpen(false);
    } else if (ids.includes(chosen)) onChange(ids.filter((other) => other !== chosen));
    else if (!isFull) onChange([...ids, chosen]);
  };
  const label = isMultiple(field) ? inputs.addLink : ids.length === 0 ? inputs.chooseLink : inputs.changeLink;
  const canCreate = create !== null && target.type !== "view" && !(isFull && isMultiple(field));
  return (
    <div className="flex items-center gap-3">
      <Popover
        title={isMultiple(field) ? inputs.atMost(max) : inputs.chooseOne}
        align="start"
        isOpen={isOpen}
        onOpenChange={setOpen}
        trigger={
          <Button id={id} icon={Plus} className="h-8! px-2.5!">
            {label}
          </Button>
        }
      >
        <RelationPicker
          target={target}
          chosen={ids}
          onToggle={toggle}
          onCreate={
            canCreate
              ? (typed) => {
                  setOpen(false);
                  create(target, typed, (record) => onChange(isMultiple(field) ? [...ids, record.id] : [record.id]));
                }
              : undefined
          }
        />
      </Popover>
      {isFull && <span className="text-sm text-ink-soft">{inputs.fullLinks(max)}</span>}
    </div>
  );
}

function isMultiple(field: InputProps["field"]): boolean {
  return (field.maxSelect ?? 1) > 1;
}

export const relationInput: FieldInput = {
  Input: RelationInput,
  isGroup: true,
  fromStored: (value, field) => (isMultiple(field) ? asList(value) : asText(value)),
  toSent: (value) => value,
  hint: (field) => (field.minSelect && field.minSelect > 1 ? words().inputs.atLeast(field.minSelect) : undefined),
};
