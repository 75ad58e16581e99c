/** Makes a file. It is stored at once, so that its name is checked before anything is written into it. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { isConflict, saveScript } from "#api/scripts.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Form } from "#ui/form.tsx";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { EXAMPLE } from "./example.ts";

type NewFileDialogProps = {
  isOpen: boolean;
  /** Then it begins with the example. */
  isFirst: boolean;
  onCreated: (name: string) => void;
  onClose: () => void;
};

export function NewFileDialog({ isOpen, onClose, ...rest }: NewFileDialogProps) {
  return (
    <Dialog isOpen={isOpen} title={words().scripts.newFile} onClose={onClose}>
      <NameForm {...rest} />
    </Dialog>
  );
}

function NameForm({ isFirst, onCreated }: Pick<NewFileDialogProps, "isFirst" | "onCreated">) {
  const texts = words().scripts;
  const cache = useQueryClient();
  const [typed, setTyped] = useState(isFirst ? "orders.rhai" : "");
  const name = /\.\w+$/.test(typed.trim()) || typed.trim() === "" ? typed.trim() : `${typed.trim()}.rhai`;
  const making = useMutation({
    mutationFn: () => saveScript(name, isFirst ? EXAMPLE : "", undefined),
    onSuccess: async (file) => {
      cache.setQueryData(keys.scriptFile(file.name), file);
      await cache.invalidateQueries({ queryKey: keys.scriptFiles() });
      onCreated(file.name);
    },
  });
  const problem = making.error ? explain(making.error) : null;
  const error = isConflict(making.error) ? texts.nameTaken : problem?.fields.name;
  return (
    <Form
      submitLabel={texts.create}
      isSending={making.isPending}
      error={problem && !error ? (problem.fields.text ?? problem.message) : undefined}
      onSubmit={(event) => {
        event.preventDefault();
        if (name !== "") making.mutate();
      }}
    >
      <TextField
        label={texts.fileName}
        hint={texts.fileNameHint}
        placeholder="orders.rhai"
        error={error}
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
