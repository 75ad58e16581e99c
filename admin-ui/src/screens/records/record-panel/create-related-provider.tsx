/**
 * Lets the pickers of relations make the record that is missing: at once where a name is all that it needs, else in a
 * panel over what is open.
 */

import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useRef, useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { createRecord } from "#api/record-writes.ts";
import type { Collection, StoredRecord } from "#api/types.ts";
import { type CreateRelated, CreateRelatedContext } from "#fields/relation/create-related.ts";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { PanelShell } from "#ui/side-panel.tsx";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { draftOf } from "./draft.ts";
import { nameOnly, namingField } from "./naming-field.ts";
import { RecordEditor } from "./record-editor.tsx";

type Wanted = { target: Collection; typed: string; onCreated: (record: StoredRecord) => void };

export function CreateRelatedProvider({ children }: { children: ReactNode }) {
  const { common, recordPanel } = words();
  const cache = useQueryClient();
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const [isAsking, setAsking] = useState(false);
  const mayLose = useRef(false);

  const create: CreateRelated = useCallback(
    async (target, typed, onCreated) => {
      const values = nameOnly(target, typed);
      if (!values) return setWanted({ target, typed, onCreated });
      try {
        const record = await createRecord(target.name, { values, files: {} });
        await cache.invalidateQueries({ queryKey: keys.records(target.name) });
        onCreated(record);
        toastDone(recordPanel.createdIn(typed, target.name));
      } catch (error) {
        // The panel can show what is wrong at the field.
        toastProblem(explain(error).message);
        setWanted({ target, typed, onCreated });
      }
    },
    [cache, recordPanel],
  );
  const close = () => {
    setAsking(false);
    setWanted(null);
  };
  const naming = wanted && namingField(wanted.target);
  const typed = wanted && naming && wanted.typed !== "" ? { [naming.name]: wanted.typed } : {};
  return (
    <CreateRelatedContext value={create}>
      {children}
      <PanelShell isOpen={wanted !== null} onClose={() => (mayLose.current ? setAsking(true) : close())}>
        {wanted && (
          <RecordEditor
            collection={wanted.target}
            start={draftOf(undefined, typed)}
            fresh={undefined}
            mayLose={mayLose}
            onCreated={(record) => {
              wanted.onCreated(record);
              close();
            }}
          />
        )}
      </PanelShell>
      <ConfirmDialog
        isOpen={isAsking}
        title={common.unsavedTitle}
        lead={common.unsavedLead}
        confirmLabel={common.leave}
        onConfirm={close}
        onClose={() => setAsking(false)}
      />
    </CreateRelatedContext>
  );
}
