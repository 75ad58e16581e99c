/** What an import did, and the way back. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { explain } from "#api/errors.ts";
import { forgetImport, type ImportResult, previewUndo, type UndoPreview, undoImport } from "#api/imports.ts";
import { asHref, paths } from "#lib/paths.ts";
import { Button, LinkButton } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { Notice } from "#ui/notice.tsx";
import { Section } from "#ui/page.tsx";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { BadRows } from "./bad-rows.tsx";

type OutcomeProps = { id: string; result: ImportResult; onRestart: () => void };

export function Outcome({ id, result, onRestart }: OutcomeProps) {
  const texts = words().imports;
  const { created, updated, collection, badRowCount } = result;
  return (
    <Section title={collection}>
      {created + updated === 0 ? (
        <Notice>{texts.nothingAdded}</Notice>
      ) : (
        <Notice tone="good">{texts.done(created, updated)}</Notice>
      )}
      {badRowCount > 0 && <BadRows title={texts.leftOut(badRowCount)} result={result} />}
      <div className="flex flex-wrap gap-2">
        <LinkButton look="primary" href={asHref(paths.records(collection))}>
          {texts.open}
        </LinkButton>
        <Button onClick={onRestart}>{texts.another}</Button>
        <UndoButton id={id} onUndone={onRestart} />
      </div>
    </Section>
  );
}

/** What nobody has touched is undone at once; otherwise it is said first what would be lost. */
function UndoButton({ id, onUndone }: { id: string; onUndone: () => void }) {
  const texts = words().imports;
  const cache = useQueryClient();
  const undoing = useMutation({
    mutationFn: async (isForced: boolean): Promise<UndoPreview | null> => {
      const preview = await previewUndo(id);
      if (!preview.isUntouched && !isForced) return preview;
      await undoImport(id, isForced);
      await forgetImport(id).catch(() => undefined);
      return null;
    },
    onSuccess: (preview) => {
      if (preview) return;
      toastDone(texts.undone);
      cache.invalidateQueries();
      onUndone();
    },
    onError: (error) => toastProblem(explain(error).message),
  });
  const asked = undoing.data ?? null;
  return (
    <>
      <Button icon={Undo2} disabled={undoing.isPending} onClick={() => undoing.mutate(false)}>
        {texts.undo}
      </Button>
      <ConfirmDialog
        isOpen={asked !== null}
        title={texts.undoTitle}
        lead={asked?.message}
        confirmLabel={texts.undoAnyway}
        isSending={undoing.isPending}
        onConfirm={() => undoing.mutate(true)}
        onClose={undoing.reset}
      />
    </>
  );
}
