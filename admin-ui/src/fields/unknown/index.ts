import { CircleHelp } from "lucide-react";
import type { FieldKind } from "../field-kind.ts";
import { JsonCell } from "../json/cell.tsx";
import { JsonDetail } from "../json/detail.tsx";

/** A type that the server knows and this dashboard does not: its values are shown as they come. */
export const unknown: FieldKind = {
  icon: CircleHelp,
  widthPx: 200,
  isSearched: false,
  Cell: JsonCell,
  Detail: JsonDetail,
};
