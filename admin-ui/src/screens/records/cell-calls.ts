import type { StoredRecord } from "#api/types.ts";
import type { Then } from "#fields/field-editing.ts";

/** What cells call. It stays the same object. */
export type CellCalls = {
  onText: (text: string, then: Then) => void;
  onValue: (value: unknown, then: Then, known?: StoredRecord[]) => void;
  onCancel: () => void;
  onOpenRecord: (id: string) => void;
  onRetry: (key: string) => void;
  onDiscard: (key: string, field: string) => void;
};
