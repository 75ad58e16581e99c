import { Share2 } from "lucide-react";
import type { FieldKind } from "../field-kind.ts";
import { RelationCell } from "./cell.tsx";
import { RelationDetail } from "./detail.tsx";

export const relation: FieldKind = {
  icon: Share2,
  widthPx: 200,
  isSearched: false,
  Cell: RelationCell,
  Detail: RelationDetail,
};
