/** Structured data as text. */

import { formatBytes } from "#lib/format.ts";
import { JsonEditor, jsonProblem } from "#ui/json-editor.tsx";
import { words } from "#words/words.ts";
import { type FieldInput, type InputProps, limitOf } from "../field-input.ts";
import { asText } from "../values.ts";

function JsonInput({ field, value, onChange }: InputProps) {
  return <JsonEditor label={field.name} isLabelHidden value={asText(value)} onChange={onChange} />;
}

export const jsonInput: FieldInput = {
  Input: JsonInput,
  isGroup: true,
  fromStored: (value) => (value === null || value === undefined ? "" : JSON.stringify(value, null, 2)),
  toSent: (value) => {
    const text = asText(value).trim();
    if (text === "") return null;
    const parsed: unknown = JSON.parse(text);
    // The server reads texts that look like JSON as JSON, so a text is sent as one that does: in quotes.
    return typeof parsed === "string" ? JSON.stringify(parsed) : parsed;
  },
  problem: (value) => jsonProblem(asText(value)),
  hint: ({ maxSize }) => {
    const limit = limitOf(maxSize);
    return limit ? words().inputs.atMostSize(formatBytes(limit)) : undefined;
  },
};
