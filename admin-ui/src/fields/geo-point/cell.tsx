import type { ValueProps } from "../field-kind.ts";
import { formatPoint, readPoint } from "./point.ts";

export function GeoPointCell({ value }: ValueProps) {
  const point = readPoint(value);
  return point && <span className="tabular-nums">{formatPoint(point)}</span>;
}
