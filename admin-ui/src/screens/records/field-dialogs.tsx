/** A new column, or another name for one. Everything else about fields is in the collections editor. */

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { explain } from "#api/errors.ts";
import { addField, renameField } from "#api/fields.ts";
import { keys } from "#api/keys.ts";
import type { Collection, Field } from "#api/types.ts";
import { fieldTypeName } from "#fields/registry.ts";
import { Button } from "#ui/button.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { Notice } from "#ui/notice.tsx";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";

/** Links need a target and more decisions; they are made in the collections editor. */
const TYPES = [
  "text",
  "number",
  "bool",
  "date",
  "select",
  "email",
  "url",
  "editor",
  "file",
  "relation",
  "json",
  "geoPoint",
];

type FormProps = {
  title: string;
  submitLabel: string;
  isReady: boolean;
  onSubmit: () => Promise<void>;
  onClose: () => void;
  children: (problem: Record<string, string>) => ReactNode;
};

function FieldForm({ title, submitLabel, isReady, onSubmit, onClose, children }: FormProps) {
  const { common } = words();
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<{ message: string; fields: Record<string, string> } | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSending(true);
    try {
      await onSubmit();
      onClose();
    } catch (problem) {
      setError(explain(problem));
      setSending(false);
    }
  };
  return (
    <Dialog isOpen title={title} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {children(error?.fields ?? {})}
        {error && <Notice tone="danger">{[error.message, ...Object.values(error.fields)].join(" ")}</Notice>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" disabled={!isReady || isSending}>
            {isSending ? common.oneMoment : submitLabel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

type AddFieldProps = { collection: Collection; collections: readonly Collection[]; onClose: () => void };

export function AddFieldDialog({ collection, collections, onClose }: AddFieldProps) {
  const { grid } = words();
  const cache = useQueryClient();
  const id = useId();
  const [name, setName] = useState("");
  const [type, setType] = useState("text");
  const [values, setValues] = useState("");
  const targets = collections.filter((other) => other.type !== "view" && !other.system);
  const [target, setTarget] = useState(targets[0]?.id ?? "");
  const choices = [...new Set(values.split("\n").map((value) => value.trim()))].filter((value) => value !== "");
  const isReady =
    name.trim() !== "" && (type !== "select" || choices.length > 0) && (type !== "relation" || target !== "");
  const add = async () => {
    const options = type === "select" ? { values: choices } : type === "relation" ? { collectionId: target } : {};
    await addField(collection, { name: fieldName(name), type, maxSelect: hasMany(type) ? 1 : undefined, ...options });
    await cache.invalidateQueries({ queryKey: keys.collections() });
    cache.invalidateQueries({ queryKey: keys.records(collection.name) });
  };
  return (
    <FieldForm title={grid.addColumn} submitLabel={grid.addColumn} isReady={isReady} onSubmit={add} onClose={onClose}>
      {(problems) => (
        <>
          <TextField
            label={grid.name}
            hint={fieldName(name) === name.trim() ? undefined : grid.willBeCalled(fieldName(name))}
            error={problems.name}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <label htmlFor={id} className="flex flex-col gap-1.5 text-sm font-medium">
            {grid.type}
            <select id={id} value={type} onChange={(event) => setType(event.target.value)} className={SELECT}>
              {TYPES.map((candidate) => (
                <option key={candidate} value={candidate}>
                  {fieldTypeName(candidate)}
                </option>
              ))}
            </select>
          </label>
          {type === "select" && (
            <label htmlFor={`${id}-values`} className="flex flex-col gap-1.5 text-sm font-medium">
              {grid.choices}
              <textarea
                id={`${id}-values`}
                rows={4}
                value={values}
                onChange={(event) => setValues(event.target.value)}
                className="rounded-lg border border-line-strong bg-raised p-3 font-normal"
              />
            </label>
          )}
          {type === "relation" && (
            <label htmlFor={`${id}-target`} className="flex flex-col gap-1.5 text-sm font-medium">
              {grid.linksTo}
              <select
                id={`${id}-target`}
                value={target}
                onChange={(event) => setTarget(event.target.value)}
                className={SELECT}
              >
                {targets.map((other) => (
                  <option key={other.id} value={other.id}>
                    {other.name}
                  </option>
                ))}
              </select>
            </label>
          )}
        </>
      )}
    </FieldForm>
  );
}

const SELECT = "h-10 rounded-lg border border-line-strong bg-raised px-3 font-normal";

type RenameFieldProps = { collection: Collection; field: Field; onClose: () => void };

export function RenameFieldDialog({ collection, field, onClose }: RenameFieldProps) {
  const { grid } = words();
  const cache = useQueryClient();
  const [name, setName] = useState(field.name);
  const rename = async () => {
    await renameField(collection, field.id, fieldName(name));
    await cache.invalidateQueries({ queryKey: keys.collections() });
    cache.invalidateQueries({ queryKey: keys.records(collection.name) });
  };
  return (
    <FieldForm
      title={grid.renameTitle(field.name)}
      submitLabel={grid.rename}
      isReady={fieldName(name) !== "" && fieldName(name) !== field.name}
      onSubmit={rename}
      onClose={onClose}
    >
      {(problems) => (
        <TextField
          label={grid.name}
          hint={fieldName(name) === name.trim() ? grid.renameHint : grid.willBeCalled(fieldName(name))}
          error={problems.name}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      )}
    </FieldForm>
  );
}

function hasMany(type: string): boolean {
  return type === "select" || type === "relation" || type === "file";
}

/** The server takes letters, digits and underscores. Accents are taken off rather than lost. */
function fieldName(text: string): string {
  return text
    .trim()
    .replaceAll("ß", "ss")
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^A-Za-z0-9_]+/g, "_")
    .replace(/^_+|_+$/g, "");
}
