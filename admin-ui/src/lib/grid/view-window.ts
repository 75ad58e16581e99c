/** Which rows and columns of a large grid are in sight. Rows all have one height. */

/** Browsers cannot lay out elements of any height: Firefox stops at about 17 million pixels. */
export const MAX_HEIGHT_PX = 15_000_000;

export type RowWindow = {
  first: number;
  last: number;
  /** Where the first row stands inside the scrolled area. */
  offsetPx: number;
  /** How high the scrolled area is. */
  heightPx: number;
};

export type RowView = { scrollTop: number; viewPx: number; rowPx: number; rows: number };

/** Rows beyond the edge, so that a short scroll finds them drawn. */
const EXTRA_ROWS = 6;
/** The window moves in steps, so that scrolling by a few pixels changes nothing. */
const STEP_ROWS = 4;

export function rowWindow({ scrollTop, viewPx, rowPx, rows }: RowView): RowWindow {
  const full = rows * rowPx;
  const heightPx = Math.min(full, MAX_HEIGHT_PX);
  const topPx = scrollTop * scale(full, heightPx, viewPx);
  const top = Math.floor(topPx / rowPx);
  const inSight = Math.ceil(viewPx / rowPx) + 1;
  const first = Math.max(0, Math.floor((top - EXTRA_ROWS) / STEP_ROWS) * STEP_ROWS);
  const last = Math.min(rows - 1, Math.ceil((top + inSight + EXTRA_ROWS) / STEP_ROWS) * STEP_ROWS);
  return { first, last, offsetPx: scrollTop - topPx + first * rowPx, heightPx };
}

/** When the area is lower than all rows together, each scrolled pixel stands for more than one. */
function scale(full: number, heightPx: number, viewPx: number): number {
  return full <= heightPx ? 1 : (full - viewPx) / Math.max(1, heightPx - viewPx);
}

/** Where to scroll so that a row is in sight; the same place when it is already. */
export function scrollTopFor(row: number, view: RowView): number {
  const { scrollTop, viewPx, rowPx, rows } = view;
  const full = rows * rowPx;
  const factor = scale(full, Math.min(full, MAX_HEIGHT_PX), viewPx);
  const top = scrollTop * factor;
  if (row * rowPx < top) return (row * rowPx) / factor;
  if ((row + 1) * rowPx > top + viewPx) return ((row + 1) * rowPx - viewPx) / factor;
  return scrollTop;
}

/** Beginnings of columns, and the end of the last one. */
export function columnEdges(widths: readonly number[]): number[] {
  const edges = [0];
  for (const width of widths) edges.push((edges.at(-1) ?? 0) + width);
  return edges;
}

/** The columns that overlap the stretch from `leftPx` to `rightPx`. */
export function columnWindow(
  edges: readonly number[],
  leftPx: number,
  rightPx: number,
): { first: number; last: number } {
  const count = edges.length - 1;
  let first = 0;
  while (first < count - 1 && (edges[first + 1] ?? 0) <= leftPx) first += 1;
  let last = first;
  while (last < count - 1 && (edges[last + 1] ?? 0) < rightPx) last += 1;
  return { first, last: Math.min(last, count - 1) };
}
