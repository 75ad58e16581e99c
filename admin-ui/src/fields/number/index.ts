import { Hash } from "lucide-react";
import type { FieldKind } from "../field-kind.ts";
import { NumberCell } from "./cell.tsx";
import { NumberDetail } from "./detail.tsx";

export const number: FieldKind = {
  icon: Hash,
  widthPx: 140,
  isSearched: false,
  isRightAligned: true,
  Cell: NumberCell,
  Detail: NumberDetail,
};
