/**
 * Deleting records, from the sheet and from the panel. What happens to other records by it is asked before. The rest can
 * be taken back in full for as long as a message offers it; after that, undo makes the records again from their values.
 */

import { useEffect, useRef, useState } from "react";
import { explain } from "#api/errors.ts";
import { findReferences, type Reference } from "#api/references.ts";
import type { Collection, StoredRecord } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { hasLosses } from "./restorable.ts";
import type { RowEditor } from "./row-editor.ts";
import type { Removal } from "./row-steps.ts";

type Question = { records: StoredRecord[]; references: Reference[]; onStart: () => void };

export function useDeletion(collection: Collection, collections: readonly Collection[], editor: RowEditor) {
  const [question, setQuestion] = useState<Question | null>(null);
  const { grid, common } = words();
  useMessages(collection, editor);

  const start = ({ records, references, onStart }: Question) => {
    setQuestion(null);
    onStart();
    editor.remove(records, references);
  };
  const ask = async (records: StoredRecord[], onStart: () => void) => {
    try {
      const ids = records.map(({ id }) => id);
      const next = { records, references: await findReferences(collections, collection, ids), onStart };
      if (next.references.length > 0) setQuestion(next);
      else start(next);
    } catch (error) {
      // Without an answer nothing may be deleted.
      toastProblem(explain(error).message);
    }
  };
  const dialog = question && (
    <ConfirmDialog
      isOpen
      title={titleOf(collection, question.records)}
      lead={
        <ul className="flex list-disc flex-col gap-1 pl-5">
          {question.references.map((reference) => (
            <li key={`${reference.collection.id} ${reference.field.id}`}>{consequenceOf(reference)}</li>
          ))}
        </ul>
      }
      confirmLabel={question.records.length === 1 ? common.delete : grid.deleteRows(question.records.length)}
      onConfirm={() => start(question)}
      onClose={() => setQuestion(null)}
    />
  );
  return { remove: (records: StoredRecord[], onStart: () => void) => void ask(records, onStart), dialog };
}

/** Says what was deleted, for as long as it can be taken back, and what came of it. */
function useMessages(collection: Collection, editor: RowEditor): void {
  const withdraw = useRef(new Map<Removal, () => void>());
  useEffect(() => {
    const { grid } = words();
    editor.removals = {
      onWaiting: (step, removal) => {
        const finish = async () => {
          withdraw.current.delete(removal);
          const problem = await editor.carryOut(removal);
          if (problem) toastProblem(grid.notDeleted(problem));
        };
        const undo = () => void editor.takeBack(step);
        withdraw.current.set(removal, toastDone(deletedText(collection, removal.records), undo, finish));
      },
      onTakenBack: (removal) => {
        withdraw.current.get(removal)?.();
        withdraw.current.delete(removal);
      },
      onRemade: ({ records }, lost) => {
        const isWhole = !hasLosses(collection);
        toastDone(isWhole ? grid.remade(records.length) : grid.remadeInPart(records.length));
        if (lost > 0) toastProblem(grid.linksLost(lost));
      },
    };
  }, [collection, editor]);
}

function deletedText({ fields }: Collection, records: readonly StoredRecord[]): string {
  const [first] = records;
  const name = records.length === 1 && first ? recordName(first, fields) : "";
  return name === "" ? words().grid.deleted(records.length) : words().grid.deletedNamed(name);
}

function titleOf({ fields }: Collection, records: readonly StoredRecord[]): string {
  const [first] = records;
  const { grid } = words();
  return records.length === 1 && first
    ? grid.deleteNamedTitle(recordName(first, fields))
    : grid.deleteTitle(records.length);
}

function consequenceOf({ collection, field, count }: Reference): string {
  const { grid } = words();
  if (field.cascadeDelete) return grid.alsoDeleted(count, collection.name);
  if (field.required) return grid.mayRefuse(count, collection.name, field.name);
  return grid.alsoUnlinked(count, collection.name, field.name);
}
