/**
 * A collection while it is being edited. Nothing of it reaches the server before it is saved, and a removed field can be
 * brought back until then.
 */

import type { Collection, CollectionType, Field } from "#api/types.ts";
import { isSame } from "#lib/schema/compare.ts";
import { renameColumn, usesColumn } from "#lib/schema/index-text.ts";

export type DraftField = {
  /** Stays the same while the field is renamed and moved. */
  key: string;
  field: Field;
  /** What the server has; none for a new field. */
  stored?: Field;
  isRemoved: boolean;
};

export type Draft = {
  /** Everything but the fields. */
  collection: Omit<Collection, "fields">;
  fields: DraftField[];
  /** The collection as the server has it; none while it is new. */
  stored?: Collection;
};

export function draftOf(collection: Collection): Draft {
  const { fields, ...rest } = collection;
  return {
    collection: rest,
    fields: fields.map((field) => ({ key: field.id, field, stored: field, isRemoved: false })),
    stored: collection,
  };
}

/** A new collection, from the server's blank of its type or from one to copy. */
export function newDraft(blank: Collection, name: string): Draft {
  const { fields, ...rest } = blank;
  return {
    collection: { ...rest, id: "", name, system: false },
    fields: fields.map((field) => ({ key: field.id, field, isRemoved: false })),
  };
}

/** The fields that will be there after saving, in order. The server counts them in this order in what it refuses. */
export function keptFields(draft: Draft): DraftField[] {
  return draft.fields.filter(({ isRemoved }) => !isRemoved);
}

/** The whole collection as it would be sent. */
export function definitionOf(draft: Draft): Collection {
  return { ...draft.collection, fields: keptFields(draft).map(({ field }) => field) };
}

/** What to send: all of a new collection, else the keys that differ. An empty object means nothing has changed. */
export function changesOf(draft: Draft): Partial<Collection> {
  const definition = definitionOf(draft);
  const { stored } = draft;
  if (!stored) {
    const { id: _, ...body } = definition;
    return body;
  }
  const entries = Object.entries(definition).filter(([key, value]) => !isSame(value, stored[key as keyof Collection])); // keys of a Collection
  if (definition.type !== "view") return Object.fromEntries(entries);
  return Object.fromEntries(entries.filter(([key]) => key !== "fields"));
}

export function isChanged(draft: Draft): boolean {
  return draft.stored === undefined || Object.keys(changesOf(draft)).length > 0;
}

export function setKeys(draft: Draft, change: Partial<Omit<Collection, "fields">>): Draft {
  return { ...draft, collection: { ...draft.collection, ...change } };
}

export function addField(draft: Draft, field: Field): Draft {
  const added = { key: field.id, field, isRemoved: false };
  // Dates that set themselves stay at the end, where people expect them.
  const end = draft.fields.findLastIndex((other) => !isTrailing(other.field)) + 1;
  const at = isTrailing(field) ? draft.fields.length : end;
  return { ...draft, fields: draft.fields.toSpliced(at, 0, added) };
}

function isTrailing({ type, name }: Field): boolean {
  return type === "autodate" && (name === "created" || name === "updated");
}

export function updateField(draft: Draft, key: string, change: Partial<Field>): Draft {
  const before = draft.fields.find((field) => field.key === key);
  if (!before) return draft;
  const fields = draft.fields.map((item) =>
    item.key === key ? { ...item, field: { ...item.field, ...change } } : item,
  );
  const next = { ...draft, fields };
  if (change.name === undefined || change.name === before.field.name) return next;
  return renameEverywhere(next, before.field.name, change.name);
}

/** Indexes, sign-in names and what providers fill name fields too. Rules are rewritten by the server. */
function renameEverywhere(draft: Draft, from: string, to: string): Draft {
  // While a name is being typed it may be empty or that of another field for a moment.
  if (from === "" || to === "") return draft;
  const { indexes, passwordAuth, oauth2 } = draft.collection;
  const rename = (name: string) => (name === from ? to : name);
  return setKeys(draft, {
    ...(indexes && { indexes: indexes.map((index) => renameColumn(index, from, to)) }),
    ...(passwordAuth && {
      passwordAuth: { ...passwordAuth, identityFields: passwordAuth.identityFields.map(rename) },
    }),
    ...(oauth2 && {
      oauth2: {
        ...oauth2,
        mappedFields: {
          id: rename(oauth2.mappedFields.id),
          name: rename(oauth2.mappedFields.name),
          username: rename(oauth2.mappedFields.username),
          avatarURL: rename(oauth2.mappedFields.avatarURL),
        },
      },
    }),
  });
}

/** A field that the server has is only marked, so that it can be brought back; a new one is gone. */
export function removeField(draft: Draft, key: string): Draft {
  const fields = draft.fields.flatMap((item) => {
    if (item.key !== key) return [item];
    return item.stored ? [{ ...item, isRemoved: true }] : [];
  });
  return { ...draft, fields };
}

export function restoreField(draft: Draft, key: string): Draft {
  return { ...draft, fields: draft.fields.map((item) => (item.key === key ? { ...item, isRemoved: false } : item)) };
}

export function moveField(draft: Draft, key: string, to: number): Draft {
  const from = draft.fields.findIndex((item) => item.key === key);
  const item = draft.fields[from];
  if (!item || to < 0 || to >= draft.fields.length || to === from) return draft;
  return { ...draft, fields: draft.fields.toSpliced(from, 1).toSpliced(to, 0, item) };
}

/** Indexes that cannot stay because a removed field is part of them. */
export function lostIndexes(draft: Draft): string[] {
  const removed = draft.fields.filter(({ isRemoved }) => isRemoved).map(({ field }) => field.name);
  const kept = keptFields(draft).map(({ field }) => field.name);
  return (draft.collection.indexes ?? []).filter((index) =>
    removed.some((name) => !kept.includes(name) && usesColumn(index, name)),
  );
}

/** The draft as it is sent: indexes over removed fields are left out. */
export function readyToSave(draft: Draft): Draft {
  const lost = lostIndexes(draft);
  if (lost.length === 0) return draft;
  return setKeys(draft, { indexes: draft.collection.indexes?.filter((index) => !lost.includes(index)) });
}

/** A name like `field2` that no field has. */
export function freeName(taken: readonly string[], wanted: string): string {
  const lower = new Set(taken.map((name) => name.toLowerCase()));
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}${number}`;
    if (!lower.has(name.toLowerCase())) return name;
  }
}

/** An id of its own: the server derives one from the name otherwise, which another field may have had before. */
export function newFieldId(type: string, random: () => number = Math.random): string {
  return `${type}${Math.floor(1e9 + random() * 9e9)}`;
}

/** A copy under a new name, for "duplicate". Ids and names of indexes are shared by the whole database. */
export function copyOf(source: Collection, name: string, random: () => string): Collection {
  const indexes = source.indexes?.map((index) =>
    index.replace(/(INDEX\s+(?:IF\s+NOT\s+EXISTS\s+)?)[`"[]?\w+[`"\]]?(\s+ON\s+)[`"[]?\w*[`"\]]?/i, (_, head, on) => {
      return `${head}\`idx_${random()}\`${on}\`${name}\``;
    }),
  );
  return { ...source, id: "", name, system: false, indexes };
}

export function randomSuffix(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => (byte % 36).toString(36)).join("");
}

export const COLLECTION_TYPES: readonly CollectionType[] = ["base", "auth", "view"];
