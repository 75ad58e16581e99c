import { LockKeyhole } from "lucide-react";
import type { FieldKind } from "../field-kind.ts";
import { PasswordCell } from "./cell.tsx";
import { PasswordDetail } from "./detail.tsx";

export const password: FieldKind = {
  icon: LockKeyhole,
  widthPx: 120,
  isSearched: false,
  Cell: PasswordCell,
  Detail: PasswordDetail,
};
