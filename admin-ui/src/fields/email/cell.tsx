import type { ValueProps } from "../field-kind.ts";
import { asText } from "../values.ts";

export function EmailCell({ value }: ValueProps) {
  return asText(value);
}
