/** The backups: making, keeping, fetching, and going back to one. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Archive, Download, History, Plus, Trash2, Upload } from "lucide-react";
import { useRef, useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { type Backup, backupAddress, backupsQuery, deleteBackup, uploadBackup } from "#api/server.ts";
import { formatBytes, formatMoment } from "#lib/format.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { ConfirmDialog } from "#ui/dialog.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { NewBackup } from "./new-backup.tsx";
import { RestoreDialog } from "./restore-dialog.tsx";
import { Schedule } from "./schedule.tsx";

export function BackupsScreen() {
  const texts = words().server.backups;
  const backups = useQuery(backupsQuery());
  const [isMaking, setMaking] = useState(false);
  return (
    <Page
      title={texts.title}
      lead={texts.lead}
      actions={
        <>
          <UploadButton />
          <Button look="primary" icon={Plus} onClick={() => setMaking(true)}>
            {texts.create}
          </Button>
        </>
      }
    >
      <NewBackup isOpen={isMaking} onClose={() => setMaking(false)} />
      {backups.isPending && <Loading />}
      {backups.error && <Notice tone="danger">{explain(backups.error).message}</Notice>}
      {backups.data?.length === 0 && <EmptyState icon={Archive} title={texts.none} lead={texts.noneLead} />}
      {backups.data && backups.data.length > 0 && <BackupList backups={backups.data} />}
      <Schedule />
    </Page>
  );
}

function UploadButton() {
  const texts = words().server.backups;
  const cache = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const uploading = useMutation({
    mutationFn: uploadBackup,
    onSuccess: () => toastDone(texts.uploaded),
    onError: (error) => toastProblem(explain(error).fields.file ?? explain(error).message),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.backups() }),
  });
  const take = (file: File | undefined) => {
    if (file) uploading.mutate(file);
    if (input.current) input.current.value = "";
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".zip,application/zip"
        aria-label={texts.upload}
        className="hidden"
        onChange={(event) => take(event.target.files?.[0])}
      />
      <Button icon={Upload} disabled={uploading.isPending} onClick={() => input.current?.click()}>
        {uploading.isPending ? words().common.oneMoment : texts.upload}
      </Button>
    </>
  );
}

function BackupList({ backups }: { backups: Backup[] }) {
  const texts = words().server.backups;
  const cache = useQueryClient();
  const [wanted, setWanted] = useState<{ backup: Backup; act: "restore" | "delete" } | null>(null);
  const deleting = useMutation({
    mutationFn: (backup: Backup) => deleteBackup(backup.key),
    onSuccess: () => {
      toastDone(texts.deleted);
      setWanted(null);
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.backups() }),
  });
  return (
    <>
      <ul className="divide-y divide-line rounded-2xl border border-line bg-surface">
        {backups.map((backup) => (
          <li key={backup.key} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2.5 pr-2 pl-5">
            <div className="min-w-0 flex-1 basis-60">
              <p className="font-medium break-all">{backup.key}</p>
              <p className="text-sm text-ink-soft">
                {formatMoment(backup.modified)} · {formatBytes(backup.size)}
              </p>
            </div>
            <div className="flex items-center gap-1">
              <Button icon={History} className="mr-1" onClick={() => setWanted({ backup, act: "restore" })}>
                {texts.restore}
              </Button>
              <IconButton label={words().common.download} icon={Download} onClick={() => download(backup.key)} />
              <IconButton
                label={words().common.delete}
                icon={Trash2}
                onClick={() => setWanted({ backup, act: "delete" })}
              />
            </div>
          </li>
        ))}
      </ul>
      <ConfirmDialog
        isOpen={wanted?.act === "delete"}
        title={texts.deleteTitle}
        lead={texts.deleteLead(wanted?.backup.key ?? "")}
        confirmLabel={words().common.delete}
        isSending={deleting.isPending}
        error={deleting.error ? explain(deleting.error).message : undefined}
        onConfirm={() => wanted && deleting.mutate(wanted.backup)}
        onClose={() => setWanted(null)}
      />
      {wanted?.act === "restore" && <RestoreDialog backup={wanted.backup} onClose={() => setWanted(null)} />}
    </>
  );
}

async function download(key: string): Promise<void> {
  try {
    window.location.assign(await backupAddress(key));
  } catch (error) {
    toastProblem(explain(error).message);
  }
}
