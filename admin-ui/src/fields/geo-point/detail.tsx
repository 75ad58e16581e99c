import { Nothing } from "#ui/nothing.tsx";
import { TextLink } from "#ui/text-link.tsx";
import type { ValueProps } from "../field-kind.ts";
import { formatPoint, mapUrl, readPoint } from "./point.ts";

export function GeoPointDetail({ value }: ValueProps) {
  const point = readPoint(value);
  if (!point) return <Nothing />;
  return (
    <TextLink href={mapUrl(point)} isExternal>
      {formatPoint(point)}
    </TextLink>
  );
}
