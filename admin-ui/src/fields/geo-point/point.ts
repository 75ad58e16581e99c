/** Degrees. Zero and zero, a spot in the ocean, is what the server sends for "no place given". */
export type Point = { lon: number; lat: number };

export function readPoint(value: unknown): Point | null {
  const { lon, lat } = Object(value) as { lon?: unknown; lat?: unknown }; // any JSON may stand here
  if (typeof lon !== "number" || typeof lat !== "number") return null;
  return lon === 0 && lat === 0 ? null : { lon, lat };
}

export function formatPoint({ lon, lat }: Point): string {
  const north = `${Math.abs(lat).toFixed(4)}° ${lat < 0 ? "S" : "N"}`;
  const east = `${Math.abs(lon).toFixed(4)}° ${lon < 0 ? "W" : "E"}`;
  return `${north}, ${east}`;
}

export function mapUrl({ lon, lat }: Point): string {
  return `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=15/${lat}/${lon}`;
}
