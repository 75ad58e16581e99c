/** The selected entries as a file, or all that are found where none is selected. */

import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { explain } from "#api/errors.ts";
import { allLogs, type LogEntry, MAX_DOWNLOADED } from "#api/logs.ts";
import { saveAs } from "#lib/save-as.ts";
import { Button } from "#ui/button.tsx";
import { toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

type LogDownloadProps = { filter: string; selected: readonly LogEntry[] };

export function LogDownload({ filter, selected }: LogDownloadProps) {
  const texts = words().logs;
  const downloading = useMutation({
    mutationFn: async () => (selected.length > 0 ? [...selected] : await allLogs(filter)),
    onSuccess: (entries) => {
      const day = new Date().toISOString().slice(0, 10);
      saveAs(`log-${day}.json`, "application/json", JSON.stringify(entries, null, 2));
      if (entries.length >= MAX_DOWNLOADED) toastProblem(texts.downloadCut(MAX_DOWNLOADED));
    },
    onError: (error) => toastProblem(explain(error).message),
  });
  return (
    <Button icon={Download} disabled={downloading.isPending} onClick={() => downloading.mutate()}>
      {selected.length > 0 ? texts.downloadSelected(selected.length) : texts.download}
    </Button>
  );
}
