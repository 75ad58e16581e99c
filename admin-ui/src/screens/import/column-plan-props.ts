/** What each part of a column's plan is given. */

import type { ImportColumn, ImportPlan, PlanColumn } from "#api/imports.ts";
import type { Collection } from "#api/types.ts";

export type ColumnPlanProps = {
  plan: ImportPlan;
  column: PlanColumn;
  source: ImportColumn | undefined;
  /** Those of the first rows. */
  cells: readonly unknown[];
  /** How many rows the file has. */
  rows: number;
  /** The collection that the rows go to, if it is there. */
  target: Collection | undefined;
  collections: readonly Collection[];
  problem: string | undefined;
  onChange: (part: Partial<PlanColumn>) => void;
};
