import type { ValueProps } from "../field-kind.ts";

/** A cell shows one line; more than this never fits. */
const LONGEST_SHOWN = 300;

export function JsonCell({ value }: ValueProps) {
  if (value === null || value === undefined) return null;
  return <span className="font-mono text-[13px]">{JSON.stringify(value).slice(0, LONGEST_SHOWN)}</span>;
}
