import { Nothing } from "#ui/nothing.tsx";
import { TextLink } from "#ui/text-link.tsx";
import type { ValueProps } from "../field-kind.ts";
import { asText } from "../values.ts";

export function UrlDetail({ value }: ValueProps) {
  const address = asText(value);
  if (address === "") return <Nothing />;
  // Anything else could run code when clicked.
  const isWeb = /^https?:\/\//i.test(address);
  if (!isWeb) return <span className="break-words">{address}</span>;
  return (
    <TextLink href={address} isExternal>
      {address}
    </TextLink>
  );
}
