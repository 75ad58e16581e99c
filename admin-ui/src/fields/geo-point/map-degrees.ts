/** How finely a map shows degrees. A level of it is twice as fine as the one before; at level 0 the world is 256 px wide. */

const TILE_PX = 256;
const STEPS = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002];

/** Nearer to each other, lines would be hard to tell apart and their labels would overlap. */
const MIN_LINE_PX = 80;

/** About 0.1 m; more digits are noise. */
const MAX_DECIMALS = 6;

function pixelsPerDegree(zoom: number): number {
  return (TILE_PX * 2 ** zoom) / 360;
}

/** How many degrees lines are apart. */
export function degreesApart(zoom: number): number {
  const fits = STEPS.filter((step) => step * pixelsPerDegree(zoom) >= MIN_LINE_PX);
  return fits.at(-1) ?? 60;
}

/** How many decimals of a degree a click is good for. */
export function decimalsAt(zoom: number): number {
  return Math.min(MAX_DECIMALS, Math.max(0, Math.ceil(Math.log10(pixelsPerDegree(zoom)))));
}

/** The multiples of `step` from `from` to `to`. */
export function linesBetween(from: number, to: number, step: number): number[] {
  const lines: number[] = [];
  for (let index = Math.ceil(from / step); index * step <= to; index++) lines.push(Number((index * step).toFixed(4)));
  return lines;
}

/** `11.5° E`; a longitude beyond the date line is the one that it is on the globe. */
export function degreeLabel(degrees: number, step: number, axis: "latitude" | "longitude"): string {
  const onGlobe = axis === "latitude" ? degrees : ((((degrees + 180) % 360) + 360) % 360) - 180;
  const digits = Math.max(0, Math.ceil(-Math.log10(step)));
  const text = `${Math.abs(onGlobe).toFixed(digits)}°`;
  if (onGlobe === 0) return text;
  if (axis === "latitude") return `${text} ${onGlobe < 0 ? "S" : "N"}`;
  return `${text} ${onGlobe < 0 ? "W" : "E"}`;
}
