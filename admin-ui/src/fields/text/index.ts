import { Type } from "lucide-react";
import type { FieldKind } from "../field-kind.ts";
import { TextCell } from "./cell.tsx";
import { TextDetail } from "./detail.tsx";

export const text: FieldKind = {
  icon: Type,
  widthPx: 200,
  isSearched: true,
  Cell: TextCell,
  Detail: TextDetail,
};
