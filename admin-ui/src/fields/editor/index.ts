import { AlignLeft } from "lucide-react";
import type { FieldKind } from "../field-kind.ts";
import { EditorCell } from "./cell.tsx";
import { EditorDetail } from "./detail.tsx";

export const editor: FieldKind = {
  icon: AlignLeft,
  widthPx: 260,
  isSearched: true,
  Cell: EditorCell,
  Detail: EditorDetail,
};
