/**
 * Files, stored and new: dropped or chosen, with previews, in an order, and taken away with a way back until the record
 * is saved.
 */

import { Download, Undo2, Upload, X } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";
import { useFileUrls } from "#api/files.ts";
import type { Field, StoredRecord } from "#api/types.ts";
import { classNames } from "#lib/class-names.ts";
import { formatBytes } from "#lib/format.ts";
import { SortableList } from "#ui/sortable-list.tsx";
import { words } from "#words/words.ts";
import type { FieldInput, InputProps } from "../field-input.ts";
import { asList } from "../values.ts";
import { NewThumb } from "./new-thumb.tsx";
import { Thumb } from "./thumb.tsx";
import { acceptFiles, maxBytes, maxFiles, type Refusal } from "./upload-limits.ts";

type Item = string | File;

function FileInput({ field, value, onChange, id, describedBy, isInvalid, record }: InputProps) {
  const { inputs } = words();
  const [refused, setRefused] = useState<Refusal[]>([]);
  const items = readItems(value);
  const removed = asList(record?.[field.name]).filter((name) => !items.includes(name));
  const max = maxFiles(field);
  const isMultiple = max > 1;

  const add = (files: File[]) => {
    const room = isMultiple ? max - items.length : 1;
    const { accepted, refused: notTaken } = acceptFiles(field, files, room);
    setRefused(notTaken);
    if (accepted.length > 0) onChange(isMultiple ? [...items, ...accepted] : accepted);
  };
  const restore = (name: string) => onChange(isMultiple ? [...items, name] : [name]);
  return (
    <fieldset aria-labelledby={`${id}-label`} className="flex flex-col gap-2">
      {items.length > 0 && (
        <SortableList
          items={items}
          keyOf={keyOf}
          nameOf={nameOf}
          onOrder={items.length > 1 ? (order) => onChange(order) : undefined}
        >
          {(item) => (
            <>
              <OneFile field={field} record={record} item={item} />
              <button
                type="button"
                aria-label={inputs.removeFile(nameOf(item))}
                title={inputs.removeFile(nameOf(item))}
                onClick={() => onChange(items.filter((other) => other !== item))}
                className="flex size-8 shrink-0 items-center justify-center rounded-md text-ink-soft hover:bg-sunken hover:text-ink"
              >
                <X className="size-4" aria-hidden />
              </button>
            </>
          )}
        </SortableList>
      )}
      {removed.map((name) => (
        <div
          key={name}
          className="flex min-h-9 items-center gap-2 rounded-lg border border-dashed border-line pr-1 pl-3 text-sm text-ink-soft"
        >
          <span className="min-w-0 flex-1 truncate">
            <s>{name}</s> <span className="sr-only">{inputs.willBeRemoved}</span>
          </span>
          {(isMultiple ? items.length < max : items.length === 0) && (
            <button
              type="button"
              onClick={() => restore(name)}
              className="inline-flex h-8 items-center gap-1.5 rounded-md px-2 text-moss-strong hover:bg-sunken"
            >
              <Undo2 className="size-4" aria-hidden />
              {inputs.keepFile}
              <span className="sr-only">{name}</span>
            </button>
          )}
        </div>
      ))}
      {(items.length < max || !isMultiple) && (
        <DropZone
          field={field}
          id={id}
          describedBy={describedBy}
          isInvalid={isInvalid}
          isReplacing={!isMultiple && items.length > 0}
          onFiles={add}
        />
      )}
      <ul aria-live="polite" className="flex flex-col gap-0.5 text-sm text-danger empty:hidden">
        {refused.map(({ name, reason }) => (
          <li key={name} className="break-words">
            {inputs.refusedFile[reason](name, reason === "size" ? formatBytes(maxBytes(field)) : String(max))}
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

function OneFile({ field, record, item }: { field: Field; record: StoredRecord | undefined; item: Item }) {
  if (typeof item !== "string") {
    return (
      <>
        <NewThumb file={item} className="my-1 size-10 shrink-0" />
        <span className="min-w-0 flex-1 px-1.5">
          <span className="block truncate">{item.name}</span>
          <span className="text-xs text-ink-soft">
            {formatBytes(item.size)} · {words().inputs.newFile}
          </span>
        </span>
      </>
    );
  }
  return record ? <StoredFile field={field} record={record} name={item} /> : null;
}

function StoredFile({ field, record, name }: { field: Field; record: StoredRecord; name: string }) {
  const { inputs } = words();
  const urls = useFileUrls(field, record)(name);
  return (
    <>
      <Thumb name={name} urls={urls} className="my-1 size-10 shrink-0" />
      {urls ? (
        <a
          href={urls.open}
          target="_blank"
          rel="noreferrer"
          title={name}
          className="min-w-0 flex-1 truncate rounded-sm px-1.5 hover:text-moss-strong hover:underline"
        >
          {name}
        </a>
      ) : (
        <span className="min-w-0 flex-1 truncate px-1.5">{name}</span>
      )}
      {urls && (
        <a
          href={urls.download}
          aria-label={inputs.downloadFile(name)}
          title={inputs.downloadFile(name)}
          className="flex size-8 shrink-0 items-center justify-center rounded-md text-ink-soft hover:bg-sunken hover:text-ink"
        >
          <Download className="size-4" aria-hidden />
        </a>
      )}
    </>
  );
}

type DropZoneProps = {
  field: Field;
  id: string;
  describedBy: string | undefined;
  isInvalid: boolean;
  isReplacing: boolean;
  onFiles: (files: File[]) => void;
};

function DropZone({ field, id, describedBy, isInvalid, isReplacing, onFiles }: DropZoneProps) {
  const { inputs } = words();
  const chooser = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFiles([...event.dataTransfer.files]);
  };
  return (
    <label
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={classNames(
        "flex cursor-pointer items-center justify-center gap-2 rounded-lg border border-dashed px-3 py-3 text-sm text-ink-soft has-focus-visible:outline-2 has-focus-visible:outline-moss",
        isOver
          ? "border-moss bg-moss-wash text-moss-strong"
          : isInvalid
            ? "border-danger"
            : "border-line-strong hover:bg-sunken",
      )}
    >
      <Upload className="size-4" aria-hidden />
      <span>{isReplacing ? inputs.dropReplacement : maxFiles(field) > 1 ? inputs.dropFiles : inputs.dropFile}</span>
      <input
        ref={chooser}
        id={id}
        type="file"
        multiple={maxFiles(field) > 1}
        accept={field.mimeTypes?.join(",") || undefined}
        aria-labelledby={`${id}-label`}
        aria-describedby={describedBy}
        onChange={({ target }) => {
          onFiles([...(target.files ?? [])]);
          // The same file may be chosen again after it was taken away.
          target.value = "";
        }}
        className="sr-only"
      />
    </label>
  );
}

export function readItems(value: unknown): Item[] {
  const items: unknown[] = Array.isArray(value) ? value : [];
  return items.filter((item): item is Item => typeof item === "string" || item instanceof File);
}

const newKeys = new WeakMap<File, string>();
let lastKey = 0;

/** Two files may have the same name. */
function keyOf(item: Item): string {
  if (typeof item === "string") return item;
  const key = newKeys.get(item) ?? `new-${++lastKey}`;
  newKeys.set(item, key);
  return key;
}

function nameOf(item: Item): string {
  return typeof item === "string" ? item : item.name;
}

export const fileInput: FieldInput = {
  Input: FileInput,
  isGroup: true,
  fromStored: (value) => asList(value),
  // Files are sent apart from the values.
  toSent: () => undefined,
  hint: (field) => {
    const { inputs } = words();
    const types = field.mimeTypes?.length ? inputs.onlyTypes(field.mimeTypes.map(shortType).join(", ")) : "";
    const size = formatBytes(maxBytes(field));
    const count = maxFiles(field) > 1 ? inputs.filesAtMost(maxFiles(field), size) : inputs.atMostSize(size);
    return [count, types].filter(Boolean).join(" ");
  },
};

/** `image/svg+xml` is SVG to people. */
function shortType(type: string): string {
  const name = type.split("/")[1] ?? type;
  return /^vnd\.|^x-/.test(name) ? (name.split(/[.-]/).pop() ?? name) : (name.split("+")[0] ?? name).toUpperCase();
}
