import { formatStoredNumber } from "#lib/format.ts";
import type { ValueProps } from "../field-kind.ts";
import { asText } from "../values.ts";

export function NumberCell({ value }: ValueProps) {
  return <span className="tabular-nums">{typeof value === "number" ? formatStoredNumber(value) : asText(value)}</span>;
}
