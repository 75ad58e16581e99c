/** How values of one type of field are typed in. `inputs.ts` lists them all. */

import type { ComponentType } from "react";
import type { Collection, Field, StoredRecord } from "#api/types.ts";

/** The other fields of the form that a value is typed in. */
export type FormAccess = {
  /** What the form holds for it. */
  valueOf: (field: Field) => unknown;
  change: (field: Field, value: unknown) => void;
};

export type InputProps = {
  field: Field;
  collection: Collection;
  /** As it is stored. Absent while the record is new. */
  record: StoredRecord | undefined;
  /** What the form holds, as `fromStored` made it. */
  value: unknown;
  onChange: (value: unknown) => void;
  /** For the control that the label belongs to; with `isGroup`, `${id}-label` is the label of the group. */
  id: string;
  /** Ids of the hint and the error. */
  describedBy: string | undefined;
  isInvalid: boolean;
  form: FormAccess;
};

export type FieldInput = {
  Input: ComponentType<InputProps>;
  /** There are several controls, so the label names a group of them. */
  isGroup?: boolean;
  /** What the form holds for a stored value. It must be comparable as JSON, apart from files. */
  fromStored: (value: unknown, field: Field) => unknown;
  /** What is sent for what the form holds. */
  toSent: (value: unknown, field: Field) => unknown;
  /** Why this cannot be sent, in words. */
  problem?: (value: unknown, field: Field) => string | undefined;
  /** What fits, in words, and what becomes of the value that the form holds. */
  hint?: (field: Field, value?: unknown) => string | undefined;
};

/** The shape of every box to type in. */
export function boxClass(isInvalid: boolean): string {
  const border = isInvalid ? "border-danger" : "border-line-strong";
  return `w-full rounded-lg border bg-raised px-3 text-ink shadow-xs placeholder:text-ink-soft/80 focus-visible:outline-offset-0 ${border}`;
}

/** An option of a field that is a number above zero, where zero stands for "none". */
export function limitOf(option: unknown): number | undefined {
  return typeof option === "number" && option > 0 ? option : undefined;
}
