/** One field of the form: its label, its input, what fits, what is wrong, and what happened to it. */

import { Asterisk, EyeOff, Undo2 } from "lucide-react";
import { type ReactNode, useId } from "react";
import type { Collection, Field, StoredRecord } from "#api/types.ts";
import type { FormAccess } from "#fields/field-input.ts";
import { inputOf } from "#fields/inputs.ts";
import { kindOf } from "#fields/registry.ts";
import { classNames } from "#lib/class-names.ts";
import { words } from "#words/words.ts";

/** What became of the field since the panel was opened. */
export type FieldState = "untouched" | "changed" | "changed-by-others" | "conflict";

type FieldRowProps = {
  field: Field;
  collection: Collection;
  record: StoredRecord | undefined;
  value: unknown;
  state: FieldState;
  error: string | undefined;
  onChange: (value: unknown) => void;
  onRevert: () => void;
  form: FormAccess;
};

export function FieldRow(props: FieldRowProps) {
  const { field, collection, record, value, state, error, onChange, onRevert, form } = props;
  const id = useId();
  const { Input, isGroup, hint } = inputOf(field);
  const hintText = [field.help, hint?.(field, value), accountHint(field, collection, record)].filter(Boolean).join(" ");
  const noteIds = [error && `${id}-error`, hintText && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div
      data-field={field.name}
      className={classNames(
        "-mx-5 border-l-3 px-5 py-2.5 transition-colors sm:pl-[calc(1.25rem-3px)]",
        state === "untouched" && "border-transparent",
        state === "changed" && "border-moss",
        (state === "changed-by-others" || state === "conflict") && "border-straw",
      )}
    >
      <div className="mb-1.5 flex min-h-6 items-center gap-2">
        <FieldLabel
          field={field}
          id={id}
          isGroup={isGroup ?? false}
          // A stored password stays when nothing is typed.
          isRequired={field.required === true && !(field.type === "password" && record)}
        />
        {state === "changed" && record && <RevertButton field={field} onRevert={onRevert} />}
      </div>
      <Input
        field={field}
        collection={collection}
        record={record}
        value={value}
        onChange={onChange}
        id={id}
        describedBy={noteIds || undefined}
        isInvalid={error !== undefined}
        form={form}
      />
      {error && (
        <p id={`${id}-error`} className="mt-1.5 text-sm break-words text-danger">
          {error}
        </p>
      )}
      {hintText && (
        <p id={`${id}-hint`} className="mt-1.5 text-sm break-words text-ink-soft">
          {hintText}
        </p>
      )}
      {state === "changed-by-others" && <Note>{words().recordPanel.changedByOthers}</Note>}
      {state === "conflict" && record && (
        <Note>
          <Conflict field={field} record={record} onRevert={onRevert} />
        </Note>
      )}
    </div>
  );
}

/** What the fields that every account has are about. */
function accountHint(field: Field, { type }: Collection, record: StoredRecord | undefined): string | undefined {
  if (type !== "auth" || !field.system) return undefined;
  const hints: Record<string, string> = words().recordPanel.accountHints;
  return field.name === "password" && !record ? undefined : hints[field.name];
}

type FieldLabelProps = { field: Field; id: string; isGroup: boolean; isRequired: boolean };

function FieldLabel({ field, id, isGroup, isRequired }: FieldLabelProps) {
  const { recordPanel, fieldTypes } = words();
  const { icon: Icon } = kindOf(field);
  const types: Record<string, string> = fieldTypes.field;
  const content = (
    <>
      <Icon className="size-4 shrink-0 text-ink-soft" aria-hidden />
      <span className="truncate">{field.name}</span>
      {isRequired && field.type !== "bool" && (
        <Asterisk className="-ml-1 size-3 shrink-0 text-danger" aria-label={recordPanel.required} />
      )}
    </>
  );
  const className = "flex min-w-0 items-center gap-2 text-sm font-medium";
  const title = types[field.type];
  return (
    <>
      {isGroup ? (
        <span id={`${id}-label`} title={title} className={className}>
          {content}
        </span>
      ) : (
        <label id={`${id}-label`} htmlFor={id} title={title} className={className}>
          {content}
        </label>
      )}
      {field.hidden && !field.system && (
        <span title={recordPanel.hiddenField} className="text-ink-soft">
          <EyeOff className="size-3.5" aria-label={recordPanel.hiddenField} />
        </span>
      )}
    </>
  );
}

function RevertButton({ field, onRevert }: { field: Field; onRevert: () => void }) {
  const { recordPanel } = words();
  return (
    <button
      type="button"
      onClick={onRevert}
      className="ml-auto inline-flex h-6 shrink-0 items-center gap-1 rounded-md px-1.5 text-xs text-ink-soft hover:bg-sunken hover:text-ink"
    >
      <Undo2 className="size-3.5" aria-hidden />
      {recordPanel.revert}
      <span className="sr-only">{field.name}</span>
    </button>
  );
}

function Conflict({ field, record, onRevert }: { field: Field; record: StoredRecord; onRevert: () => void }) {
  const { recordPanel } = words();
  const { Detail } = kindOf(field);
  return (
    <div className="flex flex-col gap-2">
      <p>{recordPanel.conflict}</p>
      <div className="max-h-40 overflow-y-auto rounded-md bg-raised px-2.5 py-1.5 text-ink">
        <Detail field={field} value={record[field.name]} record={record} />
      </div>
      <button
        type="button"
        onClick={onRevert}
        className="self-start rounded-md font-medium underline decoration-straw/40 hover:decoration-current"
      >
        {recordPanel.takeTheirs}
        <span className="sr-only">: {field.name}</span>
      </button>
    </div>
  );
}

function Note({ children }: { children: ReactNode }) {
  return (
    <div role="status" className="mt-2 rounded-lg bg-straw-wash px-3 py-2 text-sm text-straw">
      {children}
    </div>
  );
}
