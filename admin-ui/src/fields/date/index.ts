import { Calendar } from "lucide-react";
import type { FieldKind } from "../field-kind.ts";
import { DateCell } from "./cell.tsx";
import { DateDetail } from "./detail.tsx";

export const date: FieldKind = {
  icon: Calendar,
  widthPx: 205,
  isSearched: false,
  Cell: DateCell,
  Detail: DateDetail,
};
