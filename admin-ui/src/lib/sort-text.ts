/** A sort order as it stands in the address: a field name, with a leading `-` for descending. */

export type Sort = { field: string; isDescending: boolean };

export function parseSort(text: string | undefined): Sort | null {
  const field = text?.replace(/^[-+]/, "");
  return field ? { field, isDescending: text?.startsWith("-") ?? false } : null;
}

export function writeSort(sort: Sort | null): string | undefined {
  return sort ? `${sort.isDescending ? "-" : ""}${sort.field}` : undefined;
}

/** Clicking a header walks: ascending, descending, back to the collection's own order. */
export function nextSort(sort: Sort | null, field: string): Sort | null {
  if (sort?.field !== field) return { field, isDescending: false };
  return sort.isDescending ? null : { field, isDescending: true };
}
