/**
 * Deleting a record. It can be undone for a moment; where other records would go with it, or keep it from going, that is
 * said first.
 */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type BackRelation, backRelations, findUsers } from "#api/back-relations.ts";
import { collectionsQuery } from "#api/collections.ts";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { deleteSoon } from "#api/pending-deletions.ts";
import type { Collection, StoredRecord } from "#api/types.ts";
import { recordName } from "#fields/record-name.ts";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { usePanelPlace } from "./panel-place.ts";

/** What the deletion does elsewhere. */
type Consequence = { relation: BackRelation; total: number };

type Deletion = {
  name: string;
  consequences: Consequence[];
  /** Finds the consequences. Without an answer nothing may be deleted. */
  look: () => Promise<"none" | "some" | "unknown">;
  run: () => void;
};

export function useDeletion(collection: Collection, record: StoredRecord, onDelete: () => void): Deletion {
  const cache = useQueryClient();
  const place = usePanelPlace();
  const [consequences, setConsequences] = useState<Consequence[]>([]);
  const name = recordName(record, collection.fields);

  const look = async () => {
    try {
      const found = await findConsequences();
      setConsequences(found);
      return found.length === 0 ? "none" : "some";
    } catch (error) {
      toastProblem(explain(error).message);
      return "unknown";
    }
  };
  const findConsequences = async (): Promise<Consequence[]> => {
    const collections = await cache.ensureQueryData(collectionsQuery());
    const heavy = backRelations(collections, collection.id).filter(
      ({ field }) => field.cascadeDelete === true || field.required === true,
    );
    const counted = heavy.map(async (relation) => {
      const { total } = await findUsers(relation, record.id);
      return { relation, total };
    });
    return (await Promise.all(counted)).filter(({ total }) => total > 0);
  };
  const run = () => {
    onDelete();
    const { undo, carryOut } = deleteSoon(collection.name, record.id);
    place.go({ record: undefined, create: undefined });
    const finish = async () => {
      try {
        await carryOut();
        await cache.invalidateQueries({ queryKey: ["records"] });
      } catch (error) {
        toastProblem(words().recordPanel.notDeleted(name, explain(error).message));
        await cache.invalidateQueries({ queryKey: keys.records(collection.name) });
      }
    };
    toastDone(words().recordPanel.deleted(name), undo, finish);
  };
  return { name, consequences, look, run };
}

type DeleteDialogProps = { isOpen: boolean; deletion: Deletion; onConfirm: () => void; onClose: () => void };

export function DeleteDialog({ isOpen, deletion, onConfirm, onClose }: DeleteDialogProps) {
  const { recordPanel, common } = words();
  const { name, consequences } = deletion;
  return (
    <ConfirmDialog
      isOpen={isOpen}
      title={recordPanel.deleteTitle(name)}
      lead={
        <ul className="flex list-disc flex-col gap-1 pl-5">
          {consequences.map(({ relation, total }) => (
            <li key={`${relation.collection.id} ${relation.field.id}`}>
              {relation.field.cascadeDelete
                ? recordPanel.goesAlong(total, relation.collection.name)
                : recordPanel.mayRefuse(total, relation.collection.name, relation.field.name)}
            </li>
          ))}
        </ul>
      }
      confirmLabel={common.delete}
      onConfirm={onConfirm}
      onClose={onClose}
    />
  );
}
