import { htmlToText } from "#lib/html-text.ts";
import { Nothing } from "#ui/nothing.tsx";
import type { ValueProps } from "../field-kind.ts";
import { asText } from "../values.ts";

export function EditorDetail({ value }: ValueProps) {
  const text = htmlToText(asText(value));
  return text === "" ? <Nothing /> : <p className="break-words whitespace-pre-wrap">{text}</p>;
}
