import type { ValueProps } from "../field-kind.ts";
import { asText } from "../values.ts";

export function UrlCell({ value }: ValueProps) {
  return asText(value).replace(/^https?:\/\//, "");
}
