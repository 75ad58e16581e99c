import { Mail } from "lucide-react";
import type { FieldKind } from "../field-kind.ts";
import { EmailCell } from "./cell.tsx";
import { EmailDetail } from "./detail.tsx";

export const email: FieldKind = {
  icon: Mail,
  widthPx: 220,
  isSearched: true,
  Cell: EmailCell,
  Detail: EmailDetail,
};
