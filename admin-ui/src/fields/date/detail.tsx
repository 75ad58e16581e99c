import { formatExactDate } from "#lib/format.ts";
import { Nothing } from "#ui/nothing.tsx";
import type { ValueProps } from "../field-kind.ts";
import { asText } from "../values.ts";

export function DateDetail({ value }: ValueProps) {
  const text = asText(value);
  return text === "" ? <Nothing /> : <time dateTime={text}>{formatExactDate(text)}</time>;
}
