import type { ValueProps } from "../field-kind.ts";
import { asText } from "../values.ts";

export function TextCell({ field, value }: ValueProps) {
  return <span className={field.primaryKey ? "font-mono text-[13px] text-ink-soft" : undefined}>{asText(value)}</span>;
}
