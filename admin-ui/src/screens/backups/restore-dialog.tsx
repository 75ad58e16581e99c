/** Goes back to a backup: says what will be lost, keeps it in another backup, and waits for the server to come back. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { type Backup, createBackup, isAnswering, restoreBackup } from "#api/server.ts";
import { formatMoment } from "#lib/format.ts";
import { ConfirmDialog, Dialog } from "#ui/dialog.tsx";
import { Loading } from "#ui/loading.tsx";
import { CheckField } from "#ui/switch-field.tsx";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

const POLL_MS = 500;
const MAX_POLLS = 120;

export function RestoreDialog({ backup, onClose }: { backup: Backup; onClose: () => void }) {
  const texts = words().server.backups;
  const cache = useQueryClient();
  const [isSafe, setSafe] = useState(true);
  const [step, setStep] = useState<"saving" | "restoring">("saving");
  const restoring = useMutation({
    mutationFn: async () => {
      const copy = isSafe ? copyName(new Date()) : null;
      setStep("saving");
      if (copy) await createBackup(copy);
      setStep("restoring");
      await restoreBackup(backup.key);
      return { isBack: await waitForRestart(), copy };
    },
    onSuccess: ({ isBack, copy }) => {
      if (isBack) toastDone(copy ? texts.restoredWithCopy(copy) : texts.restored);
      else toastProblem(texts.restoreSlow);
      // The accounts of the backup count now; the next request shows whether this sign-in is among them.
      cache.invalidateQueries();
      onClose();
    },
  });
  if (restoring.isPending) {
    return (
      <Dialog isOpen title={texts.restore} onClose={() => undefined}>
        <Loading label={step === "saving" && isSafe ? texts.savingPresent : texts.restoring} />
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
          <div className="mt-4 text-ink">
            <CheckField
              label={texts.restoreSafely}
              hint={texts.restoreSafelyHint}
              isChecked={isSafe}
              onChange={setSafe}
            />
          </div>
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

/** As in `before_restore_20261122171601.zip`, in UTC like the server's own names. */
function copyName(now: Date): string {
  return `before_restore_${now.toISOString().replace(/\D/g, "").slice(0, 14)}.zip`;
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
