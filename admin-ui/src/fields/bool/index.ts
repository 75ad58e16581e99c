import { ToggleLeft } from "lucide-react";
import type { FieldKind } from "../field-kind.ts";
import { BoolCell } from "./cell.tsx";
import { BoolDetail } from "./detail.tsx";

export const bool: FieldKind = {
  icon: ToggleLeft,
  widthPx: 110,
  isSearched: false,
  Cell: BoolCell,
  Detail: BoolDetail,
};
