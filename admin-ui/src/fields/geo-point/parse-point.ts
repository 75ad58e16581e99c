/** Reads a place from what people paste: two numbers, degrees with minutes, or the address of a map. */

import type { Point } from "./point.ts";

export function parsePoint(pasted: string): Point | null {
  const text = pasted.trim();
  const found = fromMapAddress(text) ?? fromDegrees(text) ?? fromNumbers(text);
  return found && Math.abs(found.lat) <= 90 && Math.abs(found.lon) <= 180 ? found : null;
}

/** Addresses of Google Maps, OpenStreetMap and `geo:` links: the latitude comes first in all of them. */
function fromMapAddress(text: string): Point | null {
  if (!/^(?:https?|geo):/i.test(text)) return null;
  const marker = /[?&]mlat=(-?[\d.]+)&mlon=(-?[\d.]+)/.exec(text);
  const place = /!3d(-?\d+\.?\d*)!4d(-?\d+\.?\d*)/.exec(text);
  const query = /[?&](?:q|query|ll|destination|daddr)=(-?\d+\.?\d*)(?:,|%2C)\+?(-?\d+\.?\d*)/i.exec(text);
  const at = /@(-?\d+\.?\d*),(-?\d+\.?\d*)/.exec(text);
  const hash = /#map=[\d.]+\/(-?[\d.]+)\/(-?[\d.]+)/.exec(text);
  const geo = /^geo:(-?[\d.]+),(-?[\d.]+)/i.exec(text);
  return pair(marker ?? place ?? query ?? at ?? hash ?? geo);
}

/** `48°8'14"N 11°34'31"E` and `48.137° N, 11.575° E`, also with O for east as in German and Spanish (oeste: W). */
function fromDegrees(text: string): Point | null {
  const part =
    /(-?\d+(?:[.,]\d+)?)\s*°\s*(?:(\d+(?:[.,]\d+)?)\s*['′’]\s*)?(?:(\d+(?:[.,]\d+)?)\s*(?:["″”]|'')\s*)?([NSEW])?/gi;
  const parts = [...text.matchAll(part)];
  if (parts.length !== 2) return null;
  const values = parts.map(([, degrees = "", minutes = "0", seconds = "0", side = ""]) => {
    const size = Math.abs(decimal(degrees)) + decimal(minutes) / 60 + decimal(seconds) / 3600;
    const isNegative = degrees.startsWith("-") || /[SW]/i.test(side);
    return { value: Math.round((isNegative ? -size : size) * 1e7) / 1e7, isEast: /[EW]/i.test(side) };
  });
  const [first, second] = values;
  if (!first || !second) return null;
  return first.isEast && !second.isEast
    ? { lat: second.value, lon: first.value }
    : { lat: first.value, lon: second.value };
}

/** `48.1, 11.6`, `48.1 11.6`, and with decimal commas `48,1; 11,6`. A comma between two whole numbers divides them. */
function fromNumbers(text: string): Point | null {
  const points = /^\(?\s*(-?\d+(?:\.\d+)?)\s*[,;\s]\s*(-?\d+(?:\.\d+)?)\s*\)?$/.exec(text);
  const commas = /^(-?\d+(?:,\d+)?)\s*(?:;|,\s|\s)\s*(-?\d+(?:,\d+)?)$/.exec(text);
  return pair(points ?? commas);
}

function pair(found: RegExpExecArray | null): Point | null {
  if (!found) return null;
  const [lat, lon] = [decimal(found[1] ?? ""), decimal(found[2] ?? "")];
  return Number.isFinite(lat) && Number.isFinite(lon) ? { lat, lon } : null;
}

function decimal(text: string): number {
  return Number(text.replace(",", "."));
}
