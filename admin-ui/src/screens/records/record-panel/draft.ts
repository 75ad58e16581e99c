/**
 * A record while it is being changed: what is stored, what was typed over it, and what others have changed meanwhile.
 * What was typed is never replaced by what arrives from the server.
 */

import type { RecordChange } from "#api/record-writes.ts";
import type { Collection, Field, StoredRecord } from "#api/types.ts";
import { hasLostPicture } from "#fields/editor/pending-pictures.ts";
import { readItems } from "#fields/file/input.tsx";
import { inputOf } from "#fields/inputs.ts";
import { asList } from "#fields/values.ts";
import { words } from "#words/words.ts";

export type Draft = {
  /** As the server last sent it. Absent while the record is new. */
  stored: StoredRecord | undefined;
  /** What the form holds for the fields that differ from what is stored, by name. */
  typed: Readonly<Record<string, unknown>>;
  /** Fields that others have changed since the panel was opened, and that nobody changed here. */
  changedByOthers: ReadonlySet<string>;
  /** Fields that were changed both here and by others: saving replaces what the others wrote. */
  conflicts: ReadonlySet<string>;
};

export function draftOf(stored: StoredRecord | undefined, typed: Draft["typed"] = {}): Draft {
  return { stored, typed, changedByOthers: new Set(), conflicts: new Set() };
}

/** The fields of the form, in order: no ids of existing records, nothing that only the server may know. */
export function formFields(collection: Collection, isNew: boolean): Field[] {
  const fields = collection.type === "auth" ? addressFirst(collection.fields) : collection.fields;
  return fields.filter((field) => {
    if (field.primaryKey) return false;
    if (field.type === "autodate") return !isNew;
    return !(field.system && field.name === "tokenKey");
  });
}

/** The server lists the password before the address that it belongs to. */
function addressFirst(fields: readonly Field[]): Field[] {
  const order = ["email", "emailVisibility", "verified", "password"];
  const own = order.flatMap((name) => fields.filter((field) => field.system && field.name === name));
  return [...own, ...fields.filter((field) => !own.includes(field))];
}

function storedValue(draft: Draft, field: Field): unknown {
  return inputOf(field).fromStored(draft.stored?.[field.name], field);
}

export function formValue(draft: Draft, field: Field): unknown {
  return isChanged(draft, field) ? draft.typed[field.name] : storedValue(draft, field);
}

export function isChanged(draft: Draft, field: Field): boolean {
  return Object.hasOwn(draft.typed, field.name);
}

export function isDirty(draft: Draft): boolean {
  return Object.keys(draft.typed).length > 0;
}

/** Typing the stored value again is no change. */
export function change(draft: Draft, field: Field, value: unknown): Draft {
  const typed = without(draft.typed, field.name);
  const isBack = isSame(value, storedValue(draft, field));
  return {
    ...draft,
    typed: isBack ? typed : { ...typed, [field.name]: value },
    conflicts: isBack ? withoutMember(draft.conflicts, field.name) : draft.conflicts,
    changedByOthers: withoutMember(draft.changedByOthers, field.name),
  };
}

/** Takes back what was typed into one field. */
export function revert(draft: Draft, field: Field): Draft {
  return {
    ...draft,
    typed: without(draft.typed, field.name),
    conflicts: withoutMember(draft.conflicts, field.name),
  };
}

/** The record as somebody else has just saved it. */
export function receive(draft: Draft, fields: readonly Field[], arrived: StoredRecord): Draft {
  let typed = draft.typed;
  const [changedByOthers, conflicts] = [new Set(draft.changedByOthers), new Set(draft.conflicts)];
  for (const field of fields) {
    // A message that leaves a field out says nothing about it.
    if (!(field.name in arrived)) continue;
    const { fromStored } = inputOf(field);
    const value = fromStored(arrived[field.name], field);
    if (field.type === "autodate" || isSame(value, storedValue(draft, field))) continue;
    if (!isChanged(draft, field)) changedByOthers.add(field.name);
    else if (isSame(value, typed[field.name])) {
      // Both wrote the same.
      typed = without(typed, field.name);
      conflicts.delete(field.name);
    } else conflicts.add(field.name);
  }
  return { stored: { ...draft.stored, ...arrived }, typed, changedByOthers, conflicts };
}

/** Once `sent` is saved, and `saved` is the draft of that: with what was typed since it was sent. */
export function withTypedSince(saved: Draft, sent: Draft, now: Draft, fields: readonly Field[]): Draft {
  const later = fields.filter((field) => !isSame(formValue(now, field), formValue(sent, field)));
  return later.reduce((draft, field) => change(draft, field, laterValue(saved, sent, now, field)), saved);
}

/** Files that were sent have got names, in the order in which they were sent. */
function laterValue({ stored }: Draft, sent: Draft, now: Draft, field: Field): unknown {
  const value = formValue(now, field);
  if (field.type !== "file") return value;
  const [items, names] = [readItems(formValue(sent, field)), asList(stored?.[field.name])];
  return readItems(value).map((item) => names[items.indexOf(item)] ?? item);
}

/**
 * What a new record begins with when it shall be like another one: without what only one record can have, what cannot
 * be read, and what the server sets. Files are not in it, because they have to be copied first.
 */
export function copiedValues(draft: Draft, collection: Collection): Record<string, unknown> {
  const empty = draftOf(undefined);
  const values: Record<string, unknown> = {};
  for (const field of formFields(collection, true)) {
    if (field.type === "file" || field.type === "password") continue;
    if (collection.type === "auth" && field.system) continue;
    const value = formValue(draft, field);
    if (!isSame(value, formValue(empty, field))) values[field.name] = value;
  }
  return values;
}

/** What to send: of an existing record the changes, of a new one everything that was filled in. */
export function toChange(draft: Draft, collection: Collection): RecordChange {
  const sent: RecordChange = { values: {}, files: {} };
  for (const field of formFields(collection, draft.stored === undefined)) {
    if (!isChanged(draft, field)) continue;
    const value = draft.typed[field.name];
    if (field.type === "file") {
      sent.files[field.name] = { isMultiple: (field.maxSelect ?? 1) > 1, list: readItems(value) };
      continue;
    }
    const toSend = inputOf(field).toSent(value, field);
    if (toSend === undefined) continue;
    sent.values[field.name] = toSend;
    if (isOwnPassword(collection, field)) sent.values.passwordConfirm = toSend;
  }
  const id = draft.typed.id;
  if (draft.stored === undefined && typeof id === "string" && id !== "") sent.values.id = id;
  return sent;
}

function isOwnPassword(collection: Collection, field: Field): boolean {
  return collection.type === "auth" && field.name === "password" && field.system;
}

/** What keeps the draft from being sent, by field name. */
export function problemsOf(draft: Draft, fields: readonly Field[]): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const field of fields) {
    const problem = isChanged(draft, field) ? inputOf(field).problem?.(draft.typed[field.name], field) : undefined;
    if (problem !== undefined) problems[field.name] = problem;
  }
  const files = fields.filter(({ type }) => type === "file").flatMap((field) => readItems(formValue(draft, field)));
  for (const { name, type } of fields) {
    if (type === "editor" && hasLostPicture(draft.typed[name], files)) {
      problems[name] ??= words().inputs.richText.pictureGone;
    }
  }
  return problems;
}

/** Compared as JSON; files are the same only when they are the same object. */
function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  }
  if (one instanceof File || other instanceof File) return one === other;
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function without(values: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));
}

function withoutMember(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  return names.has(name) ? new Set([...names].filter((other) => other !== name)) : names;
}
