import type { ValueProps } from "../field-kind.ts";
import { asText } from "../values.ts";

/** A cell shows one line, and a text may be megabytes. */
const LONGEST_SHOWN = 300;

export function TextCell({ field, value }: ValueProps) {
  const text = asText(value).slice(0, LONGEST_SHOWN);
  return <span className={field.primaryKey ? "font-mono text-[13px] text-ink-soft" : undefined}>{text}</span>;
}
