/** A draft over what the server has by now: the draft itself was sent, or somebody else has saved the collection. */

import type { Collection, Field } from "#api/types.ts";
import { isContested, rebase } from "#lib/rebase.ts";
import { isSame } from "#lib/schema/compare.ts";
import { parseIndex, printIndex, renameColumn } from "#lib/schema/index-text.ts";
import type { Draft, DraftField } from "./draft.ts";

type Rebased = {
  /** Has what was changed here, and what is stored for the rest. */
  draft: Draft;
  /** What was changed here and there, and not to the same: names of fields and indexes, and keys. */
  contested: string[];
};

/** The draft was made from `base`, and the server has `stored` now. */
export function rebaseDraft(now: Draft, base: Collection, stored: Collection): Rebased {
  const names = renamed(base.fields, stored.fields);
  const follow = (index: string) =>
    tidy(
      names.reduce((text, { from, to }) => renameColumn(text, from, to), index),
      stored.name,
    );
  const [mine, before] = [apart(now.collection, follow), apart(base, follow)];
  const theirs = apart(stored, (index) => tidy(index, stored.name));
  return {
    draft: {
      collection: {
        ...rebase(mine.rest, before.rest, theirs.rest),
        ...(stored.indexes && { indexes: indexesOf(rebase(mine.indexes, before.indexes, theirs.indexes), stored) }),
      },
      fields: rebaseFields(now.fields, base.fields, stored.fields),
      stored,
    },
    contested: [
      ...contestedFields(now.fields, base.fields, stored.fields),
      ...contestedKeys(mine.indexes, before.indexes, theirs.indexes),
      ...contestedKeys(mine.rest, before.rest, theirs.rest),
    ],
  };
}

/** Fields that have got another name. */
function renamed(base: readonly Field[], stored: readonly Field[]) {
  return base.flatMap(({ id, name }) => {
    const to = stored.find((field) => field.id === id)?.name ?? name;
    return to === name ? [] : [{ from: name, to }];
  });
}

/** The server writes statements in several ways. */
function tidy(index: string, table: string): string {
  const form = parseIndex(index);
  return form ? printIndex(form, table) : index;
}

/** Those that are as they are stored stay word for word. */
function indexesOf(named: Record<string, string>, { indexes = [], name }: Collection): string[] {
  return Object.values(named).map((text) => indexes.find((index) => tidy(index, name) === text) ?? text);
}

/** Without its fields, and with its indexes by name, in the form that is compared. */
function apart(collection: Draft["collection"] & { fields?: Field[] }, follow: (index: string) => string) {
  const { fields: _, indexes = [], ...rest } = collection;
  const named: Record<string, string> = {};
  for (const index of indexes) {
    const name = parseIndex(index)?.name ?? index;
    named[name in named ? index : name] = follow(index);
  }
  return { rest, indexes: named };
}

function contestedKeys<Group extends object>(now: Group, base: Group, stored: Group): string[] {
  const keys = Object.keys({ ...base, ...now }) as (keyof Group & string)[]; // keys of both
  return keys.filter((key) => isContested(now[key], base[key], stored[key]));
}

function rebaseFields(now: readonly DraftField[], base: readonly Field[], stored: readonly Field[]): DraftField[] {
  const rebased = new Map<string, DraftField>();
  for (const field of stored) {
    const item = now.find(({ key }) => key === field.id);
    const before = base.find(({ id }) => id === field.id);
    if (item) rebased.set(item.key, { ...item, field: rebase(item.field, before ?? field, field), stored: field });
    // One that was removed here before it was stored, or that somebody else has added.
    else rebased.set(field.id, { key: field.id, field, stored: field, isRemoved: before !== undefined });
  }
  for (const item of now) {
    const before = base.find(({ id }) => id === item.key);
    const isGone = item.isRemoved || (before !== undefined && isSame(item.field, before));
    if (rebased.has(item.key) || isGone) continue;
    rebased.set(item.key, { key: item.key, field: item.field, isRemoved: false });
  }
  return orderOf(now, base, stored).flatMap((key) => rebased.get(key) ?? []);
}

/** The order that was chosen here, else the stored one. What it lacks stands behind what it followed. */
function orderOf(now: readonly DraftField[], base: readonly Field[], stored: readonly Field[]): string[] {
  const [mine, before, theirs] = [now.map(({ key }) => key), base.map(({ id }) => id), stored.map(({ id }) => id)];
  const isMoved = !isSame(
    mine.filter((key) => before.includes(key)),
    before.filter((key) => mine.includes(key)),
  );
  const order = isMoved ? mine : [...theirs];
  for (const [at, key] of (isMoved ? theirs : mine).entries()) {
    const previous = (isMoved ? theirs : mine)[at - 1];
    if (!order.includes(key)) order.splice(previous === undefined ? 0 : order.indexOf(previous) + 1, 0, key);
  }
  return order;
}

function contestedFields(now: readonly DraftField[], base: readonly Field[], stored: readonly Field[]): string[] {
  const contested = now.filter(({ key, field, isRemoved }) => {
    const before = base.find(({ id }) => id === key);
    const theirs = stored.find(({ id }) => id === key);
    if (!before) return false;
    if (!theirs) return !isRemoved && !isSame(field, before);
    return isRemoved ? !isSame(theirs, before) : isContested(field, before, theirs);
  });
  return contested.map(({ field }) => field.name);
}
