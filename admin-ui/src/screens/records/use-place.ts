/** What of this screen is in the address, and how to change it. */

import { getRouteApi } from "@tanstack/react-router";
import type { RecordsPlace } from "#lib/paths.ts";

const route = getRouteApi("/inside/collections/$name");

export type Place = RecordsPlace & {
  /** The back button undoes this. */
  go: (change: RecordsPlace) => void;
  /** The back button does not stop here: for typing, and for stepping through records. */
  adjust: (change: RecordsPlace) => void;
};

export function usePlace(): Place {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const move = (change: RecordsPlace, replace: boolean) => {
    navigate({ search: (old: RecordsPlace) => ({ ...old, ...change }), replace });
  };
  return { ...search, go: (change) => move(change, false), adjust: (change) => move(change, true) };
}

export function useCollectionName(): string {
  return route.useParams().name;
}
