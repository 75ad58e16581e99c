/** What the collections editor knows about one type of field. `options.ts` lists them all. */

import type { ComponentType } from "react";
import type { Field } from "#api/types.ts";

export type OptionsProps = {
  field: Field;
  /** The field as the server has it; none while it is new. */
  stored?: Field;
  /** What the server finds wrong, by option. */
  errors: Record<string, string>;
  onChange: (change: Partial<Field>) => void;
};

export type FieldOptions = {
  /** A new field of this type begins like this. */
  defaults: Partial<Field>;
  /** What most people want to choose. */
  Options?: ComponentType<OptionsProps>;
  /** What only some ever need. */
  Advanced?: ComponentType<OptionsProps>;
  /** The server knows no "required" for it. */
  isNeverRequired?: boolean;
};

/** The option as a number; text, dates and what is missing are none. */
export function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

/** For lengths and counts, 0 stands for "no limit of its own". */
export function limitOf(value: unknown): number | null {
  return typeof value === "number" && value !== 0 ? value : null;
}
