/** Deletes the selected rows. What others lose by it is asked before; the rest can be undone. */

import { useState } from "react";
import { explain } from "#api/errors.ts";
import { findReferences, type Reference } from "#api/references.ts";
import type { StoredRecord } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { selectCell } from "#lib/grid/ranges.ts";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { type GridNow, selectedRange } from "./grid-now.ts";
import { hasFiles } from "./restorable.ts";

const MAX_ROWS = 5_000;

type Question = { now: GridNow; records: StoredRecord[]; references: Reference[]; losses: string[] };

export function useDeleteRows() {
  const [question, setQuestion] = useState<Question | null>(null);
  const { grid } = words();

  const carryOut = async ({ now, records, references }: Question) => {
    setQuestion(null);
    const { editor, collection } = now;
    const [first] = records;
    const { step, problem } = await editor.remove(
      records,
      references.filter((reference) => !reference.field.cascadeDelete),
    );
    if (problem) toastProblem(problem);
    // The cursor stays where they were, and the rows that have moved up are not selected.
    const range = selectedRange(now);
    if (step && range) now.select(selectCell({ row: range.top, column: -1 }));
    const name = records.length === 1 && first ? recordName(first, collection.fields) : "";
    const message = name === "" ? grid.deleted(records.length) : grid.deletedNamed(name);
    if (step) toastDone(message, () => void editor.takeBack(step));
  };

  const ask = async (now: GridNow) => {
    const range = selectedRange(now);
    if (!range || !now.canWrite) return;
    if (range.bottom - range.top >= MAX_ROWS) {
      toastProblem(grid.tooManyRows(MAX_ROWS));
      return;
    }
    try {
      await now.rows.load(range.top, range.bottom);
      const { records, unsavedKeys } = rowsIn(now, range.top, range.bottom);
      for (const key of unsavedKeys) now.editor.discardRow(key);
      if (records.length === 0) return;
      const ids = records.map(({ id }) => id);
      const references = await findReferences(now.collections, now.collection, ids);
      const losses = lossesOf(now, records, references);
      const next = { now, records, references, losses };
      if (losses.length > 0) setQuestion(next);
      else await carryOut(next);
    } catch (error) {
      toastProblem(explain(error).message);
    }
  };

  const dialog = question && (
    <ConfirmDialog
      isOpen
      title={grid.deleteTitle(question.records.length)}
      lead={
        <ul className="flex list-disc flex-col gap-1 pl-5">
          {question.losses.map((loss) => (
            <li key={loss}>{loss}</li>
          ))}
        </ul>
      }
      confirmLabel={grid.deleteRows(question.records.length)}
      onConfirm={() => void carryOut(question)}
      onClose={() => setQuestion(null)}
    />
  );
  return { deleteRows: (now: GridNow) => void ask(now), dialog };
}

function rowsIn(now: GridNow, top: number, bottom: number) {
  const records: StoredRecord[] = [];
  const unsavedKeys: string[] = [];
  for (let index = top; index <= bottom; index++) {
    const row = now.rows.at(index);
    if (row?.record) records.push(row.record);
    else if (row) unsavedKeys.push(row.key);
  }
  return { records, unsavedKeys };
}

/** What an undo does not bring back, or what happens elsewhere. */
function lossesOf(
  { collection }: GridNow,
  records: readonly StoredRecord[],
  references: readonly Reference[],
): string[] {
  const { grid } = words();
  const losses = references.map(({ collection: other, field, count }) =>
    field.cascadeDelete ? grid.alsoDeleted(count, other.name) : grid.alsoUnlinked(count, other.name, field.name),
  );
  const withFiles = records.filter((record) => hasFiles(collection, record)).length;
  if (withFiles > 0) losses.push(grid.filesLost(withFiles));
  if (collection.type === "auth") losses.push(grid.accountsLost(records.length));
  return losses;
}
