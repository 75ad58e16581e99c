import { CalendarClock } from "lucide-react";
import { DateCell } from "../date/cell.tsx";
import { DateDetail } from "../date/detail.tsx";
import type { FieldKind } from "../field-kind.ts";

export const autodate: FieldKind = {
  icon: CalendarClock,
  widthPx: 205,
  isSearched: false,
  Cell: DateCell,
  Detail: DateDetail,
};
