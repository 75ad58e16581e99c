/** The records of the selected rows, for acts on whole records. */

import { explain } from "#api/errors.ts";
import type { StoredRecord } from "#api/types.ts";
import { toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { type GridNow, selectedRange, takeRows } from "./grid-now.ts";

const MAX_ROWS = 5_000;

/** Rows that were never saved have no record, only a key. `null` when the rows cannot be had. */
export async function selectedRecords(
  now: GridNow,
): Promise<{ records: StoredRecord[]; unsavedKeys: string[] } | null> {
  const range = selectedRange(now);
  if (!range) return null;
  if (range.bottom - range.top >= MAX_ROWS) {
    toastProblem(words().grid.tooManyRows(MAX_ROWS));
    return null;
  }
  try {
    const rows = await takeRows(now, range.top, range.bottom);
    return {
      records: rows.flatMap(({ record }) => record ?? []),
      unsavedKeys: rows.flatMap(({ record, key }) => (record ? [] : key)),
    };
  } catch (error) {
    toastProblem(explain(error).message);
    return null;
  }
}
