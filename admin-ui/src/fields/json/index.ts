import { Braces } from "lucide-react";
import type { FieldKind } from "../field-kind.ts";
import { JsonCell } from "./cell.tsx";
import { JsonDetail } from "./detail.tsx";

export const json: FieldKind = {
  icon: Braces,
  widthPx: 220,
  isSearched: false,
  Cell: JsonCell,
  Detail: JsonDetail,
};
