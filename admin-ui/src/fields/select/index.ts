import { List } from "lucide-react";
import type { FieldKind } from "../field-kind.ts";
import { SelectCell } from "./cell.tsx";
import { SelectDetail } from "./detail.tsx";

export const select: FieldKind = {
  icon: List,
  widthPx: 160,
  isSearched: true,
  Cell: SelectCell,
  Detail: SelectDetail,
};
