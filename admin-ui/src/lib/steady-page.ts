/**
 * A page of a list, the newest first, that is asked for again and again while somebody reads it. What is shown stays
 * where it is and only changes in place; what is new waits until it is asked for.
 */

export type ListPage<Item> = { totalItems: number; items: readonly Item[] };

export type SteadyPage<Item> = ListPage<Item> & {
  /** How many items are new. -1: the page has become another one without that, as when some have left a filter. */
  waiting: number;
};

export function steadyPage<Item extends { id: string }>(
  shown: ListPage<Item>,
  fetched: ListPage<Item>,
): SteadyPage<Item> {
  // An empty page has nothing that could jump.
  if (shown.items.length === 0) return { ...fetched, waiting: 0 };
  const fresh = new Map(fetched.items.map((item) => [item.id, item]));
  const known = new Set(shown.items.map(({ id }) => id));
  const isSame =
    fetched.items.length === shown.items.length && fetched.items.every(({ id }, at) => id === shown.items[at]?.id);
  const items = shown.items.map((item) => fresh.get(item.id) ?? item);
  const hasNew = fetched.items.some(({ id }) => !known.has(id));
  const more = fetched.totalItems - shown.totalItems;
  const waiting = isSame ? 0 : hasNew && more > 0 ? more : -1;
  return { totalItems: shown.totalItems, items, waiting };
}
