/** Puts changes on top of values that are stored by now. Groups of values are gone through; a list is one value. */

import { isSame } from "./schema/compare.ts";

/** A part of a value, with all groups on the way to it. */
export type Part<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { [Key in keyof Value]?: Part<Value[Key]> }
    : Value;

type Group = { readonly [key: string]: unknown };

/** What was changed from `base` to `now`, and `stored` for the rest. */
export function rebase<Value>(now: Value, base: Value, stored: Value): Value {
  if (!isGroup(now) || !isGroup(base) || !isGroup(stored)) return isUnchanged(now, base) ? stored : now;
  const entries = keysOf(stored, now).map((key) => [key, rebase(now[key], base[key], stored[key])] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Value; // the same keys
}

/** Whether a value was changed from `base` both to `now` and to `stored`, and not to the same. */
export function isContested(now: unknown, base: unknown, stored: unknown): boolean {
  if (isGroup(now) && isGroup(base) && isGroup(stored)) {
    return keysOf(now, base, stored).some((key) => isContested(now[key], base[key], stored[key]));
  }
  return !isUnchanged(now, base) && !isUnchanged(stored, base) && !isUnchanged(now, stored);
}

/** The values of `now` that differ from `stored`. */
export function changedPart<Value extends object>(now: Value, stored: Value): Part<Value> {
  const [after, before] = [now as Group, stored as Group]; // both are groups
  const changed = Object.entries(after).filter(([key, value]) => !isUnchanged(value, before[key]));
  const entries = changed.map(([key, value]) => {
    const old = before[key];
    return [key, isGroup(value) && isGroup(old) ? changedPart(value, old) : value];
  });
  return Object.fromEntries(entries) as Part<Value>; // keys of it
}

function keysOf(...groups: Group[]): string[] {
  return [...new Set(groups.flatMap((group) => Object.keys(group)))];
}

function isGroup(value: unknown): value is Group {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** A map and a file are unchanged only while they are the same object. */
function isUnchanged(now: unknown, base: unknown): boolean {
  return now === base || ((isGroup(now) || Array.isArray(now)) && isSame(now, base));
}
