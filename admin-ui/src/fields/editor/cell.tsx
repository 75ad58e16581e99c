import { htmlToText } from "#lib/html-text.ts";
import type { ValueProps } from "../field-kind.ts";
import { asText } from "../values.ts";

/** A cell shows one line, so the rest of a long text need not be unpacked. */
const LONGEST_SHOWN = 600;

export function EditorCell({ value }: ValueProps) {
  return htmlToText(asText(value).slice(0, LONGEST_SHOWN));
}
