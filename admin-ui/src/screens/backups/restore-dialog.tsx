/** Goes back to a backup: says what will be lost, and waits for the server to come back. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { explain } from "#api/errors.ts";
import { type Backup, isAnswering, restoreBackup } from "#api/server.ts";
import { formatMoment } from "#lib/format.ts";
import { ConfirmDialog, Dialog } from "#ui/dialog.tsx";
import { Loading } from "#ui/loading.tsx";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

const POLL_MS = 500;
const MAX_POLLS = 120;

export function RestoreDialog({ backup, onClose }: { backup: Backup; onClose: () => void }) {
  const texts = words().server.backups;
  const cache = useQueryClient();
  const restoring = useMutation({
    mutationFn: async () => {
      await restoreBackup(backup.key);
      return await waitForRestart();
    },
    onSuccess: (isBack) => {
      if (isBack) toastDone(texts.restored);
      else toastProblem(texts.restoreSlow);
      // The accounts of the backup count now; the next request shows whether this sign-in is among them.
      cache.invalidateQueries();
      onClose();
    },
  });
  if (restoring.isPending) {
    return (
      <Dialog isOpen title={texts.restore} onClose={() => undefined}>
        <Loading label={texts.restoring} />
      </Dialog>
    );
  }
  return (
    <ConfirmDialog
      isOpen
      title={texts.restoreTitle}
      lead={
        <>
          <p>{texts.restoreLead(backup.key, formatMoment(backup.modified))}</p>
          <p className="mt-2">{texts.restoreHint}</p>
        </>
      }
      typedText={backup.key}
      confirmLabel={texts.restore}
      error={restoring.error ? explain(restoring.error).message : undefined}
      onConfirm={() => restoring.mutate()}
      onClose={onClose}
    />
  );
}

/** The server goes away about a second after its answer, and then comes back. */
async function waitForRestart(): Promise<boolean> {
  let wasAway = false;
  for (let poll = 0; poll < MAX_POLLS; poll++) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const isBack = await isAnswering();
    if (isBack && (wasAway || poll * POLL_MS > 5_000)) return true;
    wasAway ||= !isBack;
  }
  return false;
}
