import { formatDate, formatExactDate } from "#lib/format.ts";
import type { ValueProps } from "../field-kind.ts";
import { asText } from "../values.ts";

export function DateCell({ value }: ValueProps) {
  const text = asText(value);
  if (text === "") return null;
  return (
    <time dateTime={text} title={formatExactDate(text)} className="tabular-nums">
      {formatDate(text)}
    </time>
  );
}
