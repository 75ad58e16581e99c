import { MapPin } from "lucide-react";
import type { FieldKind } from "../field-kind.ts";
import { GeoPointCell } from "./cell.tsx";
import { GeoPointDetail } from "./detail.tsx";

export const geoPoint: FieldKind = {
  icon: MapPin,
  widthPx: 190,
  isSearched: false,
  Cell: GeoPointCell,
  Detail: GeoPointDetail,
};
