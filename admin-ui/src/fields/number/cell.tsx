import { useContext } from "react";
import { formatStoredNumber } from "#lib/format.ts";
import type { ValueProps } from "../field-kind.ts";
import { asText } from "../values.ts";
import { EvenDecimals } from "./even-decimals.ts";

export function NumberCell({ field, value }: ValueProps) {
  const decimals = useContext(EvenDecimals)(field.name);
  return (
    <span className="tabular-nums">
      {typeof value === "number" ? formatStoredNumber(value, decimals) : asText(value)}
    </span>
  );
}
