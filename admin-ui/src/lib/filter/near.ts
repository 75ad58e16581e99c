/** Finds the name that was probably meant by a misspelt one. */

/** Two letters changed places, or one is missing, wrong or too many: so many such slips a name may have, by its length. */
function maxSlips(name: string): number {
  if (name.length < 3) return 0;
  return name.length < 6 ? 1 : 2;
}

/** The nearest of the names, or `undefined` where none is near. The letter case does not count. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = maxSlips(name);
  for (const candidate of names) {
    const slips = countSlips(name.toLowerCase(), candidate.toLowerCase());
    if (slips < fewest || (slips === fewest && nearest === undefined)) {
      nearest = candidate;
      fewest = slips;
    }
  }
  return nearest;
}

/** The distance of Damerau and Levenshtein, where no part is changed twice. */
function countSlips(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let line = 1; line <= one.length; line++) {
    const next = [line];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[line - 1] === other[column - 1];
      const changed = (row[column - 1] ?? 0) + (isSame ? 0 : 1);
      const fewest = Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1);
      const areSwapped = one[line - 1] === other[column - 2] && one[line - 2] === other[column - 1];
      next.push(areSwapped && line > 1 ? Math.min(fewest, (before[column - 2] ?? 0) + 1) : fewest);
    }
    before = row;
    row = next;
  }
  return row[other.length] ?? 0;
}
