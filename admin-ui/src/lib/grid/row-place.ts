/** Whether a row of a sorted, filtered page still stands where it would stand now. */

/** `shown` and `now` are the ids of one page, as they are shown and as the server has them. */
export function isInPlace(id: string, shown: readonly string[], now: readonly string[]): boolean {
  const [before, after] = [shown.indexOf(id), now.indexOf(id)];
  if (before < 0 || after < 0) return false;
  // Others may have come or gone elsewhere on the page, so one neighbour is enough.
  const isSameNeighbour = (by: number) => shown[before + by] === now[after + by];
  return isSameNeighbour(-1) || isSameNeighbour(1);
}

/** The fields whose names occur in a filter or a sort order. */
export function fieldsIn(texts: readonly string[], names: readonly string[]): Set<string> {
  const mentioned = new Set(texts.flatMap((text) => text.match(/\w+/g) ?? []));
  return new Set(names.filter((name) => mentioned.has(name)));
}
