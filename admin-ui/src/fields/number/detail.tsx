import type { ValueProps } from "../field-kind.ts";
import { NumberCell } from "./cell.tsx";

export function NumberDetail(props: ValueProps) {
  return <NumberCell {...props} />;
}
