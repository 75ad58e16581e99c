/** What the dashboard knows about one type of field. `registry.ts` lists them all. */

import type { LucideIcon } from "lucide-react";
import type { ComponentType } from "react";
import type { Field, StoredRecord } from "#api/types.ts";

export type ValueProps = { field: Field; value: unknown; record: StoredRecord };

export type FieldKind = {
  icon: LucideIcon;
  /** How wide its column is to begin with. */
  widthPx: number;
  /** Plain words typed into the search box are looked for here. */
  isSearched: boolean;
  /** Numbers stand at the right edge, so that their digits line up. */
  isRightAligned?: boolean;
  /** One line, for the table. */
  Cell: ComponentType<ValueProps>;
  /** As much as there is, for the record's panel. */
  Detail: ComponentType<ValueProps>;
};
