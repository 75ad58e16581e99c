import { Nothing } from "#ui/nothing.tsx";
import { TextLink } from "#ui/text-link.tsx";
import type { ValueProps } from "../field-kind.ts";
import { asText } from "../values.ts";

export function EmailDetail({ value }: ValueProps) {
  const address = asText(value);
  return address === "" ? <Nothing /> : <TextLink href={`mailto:${address}`}>{address}</TextLink>;
}
