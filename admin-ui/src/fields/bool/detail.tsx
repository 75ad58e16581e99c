import type { ValueProps } from "../field-kind.ts";
import { BoolCell } from "./cell.tsx";

export function BoolDetail(props: ValueProps) {
  return <BoolCell {...props} />;
}
