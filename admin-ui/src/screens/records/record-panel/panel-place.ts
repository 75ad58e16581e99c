/** Which record the panel shows, and how it goes to another. The screen around it keeps this in the address. */

import { createContext, useContext } from "react";
import type { StoredRecord } from "#api/types.ts";
import type { RecordsPlace } from "#lib/paths.ts";

type PanelChange = Pick<RecordsPlace, "record" | "create">;

export type PanelPlace = PanelChange & {
  /** The back button undoes this. */
  go: (change: PanelChange) => void;
  /** The back button does not stop here. */
  adjust: (change: PanelChange) => void;
  /** Deletes the record. `onStart` is called when that is settled, before the panel closes. */
  remove: (record: StoredRecord, onStart: () => void) => void;
};

const NOWHERE: PanelPlace = { go: () => undefined, adjust: () => undefined, remove: () => undefined };

export const PanelPlaceContext = createContext<PanelPlace>(NOWHERE);

export function usePanelPlace(): PanelPlace {
  return useContext(PanelPlaceContext);
}
