/**
 * Where Ctrl and an arrow key lead along a line of cells, as in spreadsheets: from inside a block of filled cells to its
 * last one, else to the first filled cell that comes, or to the end of the line.
 */

export type Line = {
  from: number;
  by: 1 | -1;
  /** The cells of the line are 0 to `last`. What lies beyond is reached from the outermost one by a further step. */
  last: number;
  /** `null`: not known yet. */
  isFilled: (index: number) => boolean | null;
};

/** `isKnown` is false where the answer needs the next cell, which is not known yet; `at` is the last known one. */
export type Edge = { at: number; isKnown: boolean };

export function blockEdge({ from, by, last, isFilled }: Line): Edge {
  const isInside = (index: number) => index >= 0 && index <= last;
  const next = from + by;
  if (!isInside(next)) return { at: next, isKnown: true };
  const isNextFilled = isFilled(next);
  if (isNextFilled === null) return { at: from, isKnown: false };
  const isLeavingBlock = !(isInside(from) && isFilled(from) === true && isNextFilled);
  let at = isLeavingBlock ? next : from;
  // Looks for the first filled cell, or for the last one before an empty cell.
  while (!isLeavingBlock || isFilled(at) === false) {
    const following = at + by;
    if (!isInside(following)) return { at, isKnown: true };
    const isFollowingFilled = isFilled(following);
    if (isFollowingFilled === null) return { at, isKnown: false };
    if (!isLeavingBlock && !isFollowingFilled) return { at, isKnown: true };
    at = following;
  }
  return { at, isKnown: true };
}
