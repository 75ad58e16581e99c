import { useState } from "react";
import { type ListPage, steadyPage } from "#lib/steady-page.ts";

/** Keeps a page as it was first seen for `key`, with its items up to date. `showAll` takes it as it is now. */
export function useSteadyPage<Item extends { id: string }>(key: string, fetched: ListPage<Item> | undefined) {
  const [kept, setKept] = useState<{ key: string; page: ListPage<Item> } | null>(null);
  const isKept = kept?.key === key;
  // During rendering, as React has it for state that follows from what is given.
  if (fetched && (!isKept || (kept.page.items.length === 0 && fetched.items.length > 0))) {
    setKept({ key, page: fetched });
  }
  if (!fetched) return { shown: isKept ? kept.page : undefined, waiting: 0, showAll: () => undefined };
  const steady = isKept ? steadyPage(kept.page, fetched) : { ...fetched, waiting: 0 };
  return { shown: steady, waiting: steady.waiting, showAll: () => setKept({ key, page: fetched }) };
}
