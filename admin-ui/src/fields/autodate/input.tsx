import { formatExactDate } from "#lib/format.ts";
import { words } from "#words/words.ts";
import type { FieldInput, InputProps } from "../field-input.ts";
import { asText } from "../values.ts";

/** The server sets it; no client can. */
function AutodateInput({ value, describedBy, id }: InputProps) {
  const text = asText(value);
  return (
    <output id={id} aria-describedby={describedBy} className="block py-1 text-ink-soft">
      {text === "" ? words().inputs.setOnSave : <time dateTime={text}>{formatExactDate(text)}</time>}
    </output>
  );
}

export const autodateInput: FieldInput = { Input: AutodateInput, fromStored: asText, toSent: () => undefined };
