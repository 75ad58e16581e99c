import { Paperclip } from "lucide-react";
import type { FieldKind } from "../field-kind.ts";
import { FileCell } from "./cell.tsx";
import { FileDetail } from "./detail.tsx";

export const file: FieldKind = {
  icon: Paperclip,
  widthPx: 170,
  isSearched: false,
  Cell: FileCell,
  Detail: FileDetail,
};
