/** Takes a file, by dropping or choosing it, and uploads it. */

import { FileSpreadsheet } from "lucide-react";
import type { Import } from "#api/imports.ts";
import { IMPORT_FILES, useImportUpload } from "#api/use-import-upload.ts";
import { FileDrop } from "#ui/file-drop.tsx";
import { words } from "#words/words.ts";

type ChooseFileProps = {
  /** The collection that the rows go to, if it is known already. */
  into: string | undefined;
  onUploaded: (found: Import) => void;
};

export function ChooseFile({ into, onUploaded }: ChooseFileProps) {
  const texts = words().imports;
  const { upload, progress, problem } = useImportUpload(into, onUploaded);
  return (
    <FileDrop
      icon={FileSpreadsheet}
      title={texts.drop}
      buttonLabel={texts.choose}
      hint={texts.formats}
      accept={IMPORT_FILES}
      progress={progress}
      problem={problem}
      onFile={upload}
    />
  );
}
