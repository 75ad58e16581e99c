import { type FieldEditing, read, unreadable } from "../field-editing.ts";
import { readPoint } from "./point.ts";

const DEGREES = /^\(?\s*(-?\d+(?:\.\d+)?)\s*°?\s*([NS])?\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*°?\s*([EW])?\s*\)?$/i;

/** Latitude first, as maps write it. */
export const geoPointEditing: FieldEditing = {
  mode: "line",
  toText: (value) => {
    if (typeof value === "string") return value;
    const point = readPoint(value);
    return point ? `${point.lat}, ${point.lon}` : "";
  },
  fromText: (text) => {
    const [, first, south, second, west] = DEGREES.exec(text.trim()) ?? [];
    if (first === undefined || second === undefined) return unreadable("place");
    const lat = Number(first) * (south?.toUpperCase() === "S" ? -1 : 1);
    const lon = Number(second) * (west?.toUpperCase() === "W" ? -1 : 1);
    return Math.abs(lat) > 90 || Math.abs(lon) > 180 ? unreadable("place") : read({ lon, lat });
  },
  emptyValue: () => ({ lon: 0, lat: 0 }),
};
