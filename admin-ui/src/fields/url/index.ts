import { Link } from "lucide-react";
import type { FieldKind } from "../field-kind.ts";
import { UrlCell } from "./cell.tsx";
import { UrlDetail } from "./detail.tsx";

export const url: FieldKind = {
  icon: Link,
  widthPx: 220,
  isSearched: true,
  Cell: UrlCell,
  Detail: UrlDetail,
};
