/** Gives a file another name. What was typed into it and is not saved goes along. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { isConflict, mistakeOf, renameScript, type ScriptFile } from "#api/scripts.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Form } from "#ui/form.tsx";
import { TextField } from "#ui/text-field.tsx";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import type { Drafts } from "./drafts.ts";
import { mistakeText } from "./mistake-text.ts";

type RenameDialogProps = {
  file: ScriptFile;
  drafts: Drafts;
  isOpen: boolean;
  onRenamed: (name: string) => void;
  onClose: () => void;
};

export function RenameDialog({ isOpen, ...rest }: RenameDialogProps) {
  return (
    <Dialog isOpen={isOpen} title={words().scripts.renameTitle(rest.file.name)} onClose={rest.onClose}>
      <NameForm {...rest} />
    </Dialog>
  );
}

function NameForm({ file, drafts, onRenamed, onClose }: Omit<RenameDialogProps, "isOpen">) {
  const texts = words().scripts;
  const cache = useQueryClient();
  const [typed, setTyped] = useState(file.name);
  const name = typed.trim();

  const rename = async (from: ScriptFile, to: string) => {
    const renamed = await renameScript(from, to);
    cache.setQueryData(keys.scriptFile(to), renamed);
    drafts.move(from.name, to);
    onRenamed(to);
    cache.removeQueries({ queryKey: keys.scriptFile(from.name) });
    await cache.invalidateQueries({ queryKey: keys.scriptFiles() });
    return renamed;
  };
  const renaming = useMutation({
    mutationFn: () => rename(file, name),
    onSuccess: (renamed) => {
      onClose();
      toastDone(
        texts.renamed(file.name, name),
        () => void rename(renamed, file.name).catch((error) => toastProblem(problemText(error))),
      );
    },
  });
  const fieldProblem = renaming.error ? explain(renaming.error).fields.name : undefined;
  return (
    <Form
      submitLabel={texts.rename}
      isSending={renaming.isPending}
      error={renaming.error && !fieldProblem ? problemText(renaming.error) : undefined}
      onSubmit={(event) => {
        event.preventDefault();
        if (name === file.name) onClose();
        else if (name !== "") renaming.mutate();
      }}
    >
      <TextField
        label={texts.fileName}
        hint={texts.fileNameHint}
        error={fieldProblem}
        value={typed}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        className="font-mono text-[13px]"
        onChange={(event) => setTyped(event.target.value)}
      />
    </Form>
  );
}

/** Other files may need this one under the name that it has: then the place where they do is said. */
function problemText(error: unknown): string {
  if (isConflict(error)) return words().scripts.notRenamed;
  const mistake = mistakeOf(error);
  return mistake ? mistakeText(mistake) : explain(error).message;
}
