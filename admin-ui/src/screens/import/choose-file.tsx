/** Takes a file, by dropping or choosing it, and uploads it. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileSpreadsheet } from "lucide-react";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { type Import, uploadImport } from "#api/imports.ts";
import { keys } from "#api/keys.ts";
import { formatPercent } from "#lib/format.ts";
import { FileDrop } from "#ui/file-drop.tsx";
import { Notice } from "#ui/notice.tsx";
import { ProgressBar } from "#ui/progress-bar.tsx";
import { words } from "#words/words.ts";

type ChooseFileProps = {
  /** The collection that the rows go to, if it is known already. */
  into: string | undefined;
  onUploaded: (found: Import) => void;
};

export function ChooseFile({ into, onUploaded }: ChooseFileProps) {
  const texts = words().imports;
  const cache = useQueryClient();
  const [share, setShare] = useState(0);
  const uploading = useMutation({
    mutationFn: (file: File) => uploadImport(file, into, setShare),
    onSuccess: (found) => {
      cache.setQueryData(keys.import(found.id), found);
      onUploaded(found);
    },
  });
  const name = uploading.variables?.name ?? "";
  return (
    <div className="flex flex-col gap-4">
      {uploading.isPending ? (
        <ProgressBar
          share={share}
          label={share < 1 ? texts.uploading(name, formatPercent(share)) : texts.reading(name)}
        />
      ) : (
        <FileDrop
          icon={FileSpreadsheet}
          title={texts.drop}
          buttonLabel={texts.choose}
          hint={texts.formats}
          accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,.xlsx"
          onFile={(file) => {
            setShare(0);
            uploading.mutate(file);
          }}
        />
      )}
      {uploading.error && <Notice tone="danger">{uploadProblem(uploading.error)}</Notice>}
    </div>
  );
}

/** The finding about the file says more than the sentence about the request. */
function uploadProblem(error: unknown): string {
  const { message, fields } = explain(error);
  return Object.values(fields)[0] ?? message;
}
