/** Rows that are left out of a long list: which place a shown row has among all, and the other way round. */

/** `gaps` are the places that are left out, in order. */
export function placeOf(gaps: readonly number[], index: number): number {
  let [low, high] = [0, gaps.length];
  // The number of gaps before the row: those with as many shown rows before them as the row has, or fewer.
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((gaps[middle] ?? 0) - middle <= index) low = middle + 1;
    else high = middle;
  }
  return index + low;
}

/** -1 for a place that is left out. */
export function indexOf(gaps: readonly number[], place: number): number {
  let before = 0;
  for (const gap of gaps) {
    if (gap === place) return -1;
    if (gap > place) break;
    before += 1;
  }
  return place - before;
}
