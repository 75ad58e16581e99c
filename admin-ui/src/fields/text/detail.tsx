import { Nothing } from "#ui/nothing.tsx";
import type { ValueProps } from "../field-kind.ts";
import { asText } from "../values.ts";

export function TextDetail({ value }: ValueProps) {
  const text = asText(value);
  return text === "" ? <Nothing /> : <p className="break-words whitespace-pre-wrap">{text}</p>;
}
