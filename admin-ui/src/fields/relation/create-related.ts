/**
 * How a relation's picker makes the record that is missing. The screen around it knows how; without one, the picker
 * offers existing records only.
 */

import { createContext, useContext } from "react";
import type { Collection, StoredRecord } from "#api/types.ts";

export type CreateRelated = (target: Collection, typed: string, onCreated: (record: StoredRecord) => void) => void;

export const CreateRelatedContext = createContext<CreateRelated | null>(null);

export function useCreateRelated(): CreateRelated | null {
  return useContext(CreateRelatedContext);
}
