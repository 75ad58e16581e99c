/** A sort order as it stands in the address: field names separated by commas, with a leading `-` for descending. */

export type Sort = { field: string; isDescending: boolean };

/** The server takes no more. */
const MAX_SORTS = 7;

export function parseSort(text: string | undefined): Sort[] {
  const parts = (text ?? "").split(",").map((part) => part.trim());
  return parts
    .map((part) => ({ field: part.replace(/^[-+]/, ""), isDescending: part.startsWith("-") }))
    .filter(({ field }) => field !== "");
}

export function writeSort(sorts: readonly Sort[]): string | undefined {
  const text = sorts.map(({ field, isDescending }) => `${isDescending ? "-" : ""}${field}`).join(",");
  return text === "" ? undefined : text;
}

/** Sorts by this field, and by the others after it only if they are kept. A field that is sorted by already is turned. */
export function withSort(sorts: readonly Sort[], sort: Sort, keepsOthers: boolean): Sort[] {
  if (!keepsOthers) return [sort];
  if (!sorts.some(({ field }) => field === sort.field)) return [...sorts, sort].slice(0, MAX_SORTS);
  return sorts.map((old) => (old.field === sort.field ? sort : old));
}

export function withoutSort(sorts: readonly Sort[], field: string): Sort[] {
  return sorts.filter((sort) => sort.field !== field);
}
