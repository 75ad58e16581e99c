/** The upload of a file to import, for every screen that takes one. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { formatPercent } from "#lib/format.ts";
import { words } from "#words/words.ts";
import { explain } from "./errors.ts";
import { type Import, uploadImport } from "./imports.ts";
import { keys } from "./keys.ts";

/** The names of the files that the server can read. */
export const IMPORT_FILES = ".csv,.tsv,.txt,.json,.jsonl,.ndjson,.xlsx";

export type ImportUpload = {
  upload: (file: File) => void;
  /** While a file is on its way: how far it is, from 0 to 1, and the same in words. */
  progress: { share: number; label: string } | null;
  /** Why the last file was refused. */
  problem: string | undefined;
};

/** `into` is the collection that the rows go to, if it is known already. */
export function useImportUpload(into: string | undefined, onUploaded: (found: Import) => void): ImportUpload {
  const texts = words().imports;
  const cache = useQueryClient();
  const [share, setShare] = useState(0);
  const uploading = useMutation({
    mutationFn: (file: File) => {
      setShare(0);
      return uploadImport(file, into, setShare);
    },
    onSuccess: (found) => {
      cache.setQueryData(keys.import(found.id), found);
      onUploaded(found);
    },
  });
  const name = uploading.variables?.name ?? "";
  const label = share < 1 ? texts.uploading(name, formatPercent(share)) : texts.reading(name);
  return {
    upload: uploading.mutate,
    progress: uploading.isPending ? { share, label } : null,
    problem: uploading.error ? problemOf(uploading.error) : undefined,
  };
}

/** The finding about the file says more than the sentence about the request. */
function problemOf(error: unknown): string {
  const { message, fields } = explain(error);
  return Object.values(fields)[0] ?? message;
}
