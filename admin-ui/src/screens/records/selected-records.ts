/** The records of the selected rows, for acts on whole records. */

import { explain } from "#api/errors.ts";
import type { StoredRecord } from "#api/types.ts";
import { toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { type GridNow, selectedRange } from "./grid-now.ts";

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
    await now.rows.load(range.top, range.bottom);
  } catch (error) {
    toastProblem(explain(error).message);
    return null;
  }
  const records: StoredRecord[] = [];
  const unsavedKeys: string[] = [];
  for (let index = range.top; index <= range.bottom; index++) {
    const row = now.rows.at(index);
    if (row?.record) records.push(row.record);
    else if (row) unsavedKeys.push(row.key);
  }
  return { records, unsavedKeys };
}
