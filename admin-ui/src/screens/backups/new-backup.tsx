/** Makes a backup, under a name that somebody chose or that holds the date. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { createBackup } from "#api/server.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Form } from "#ui/form.tsx";
import { TextField } from "#ui/text-field.tsx";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

export function NewBackup({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog isOpen={isOpen} title={words().server.backups.create} onClose={onClose}>
      <NameForm onClose={onClose} />
    </Dialog>
  );
}

function NameForm({ onClose }: { onClose: () => void }) {
  const texts = words().server.backups;
  const cache = useQueryClient();
  const [name, setName] = useState("");
  const making = useMutation({
    mutationFn: () => createBackup(name.trim()),
    onSuccess: () => {
      toastDone(texts.created);
      onClose();
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.backups() }),
  });
  const problem = making.error ? explain(making.error) : null;
  return (
    <Form
      submitLabel={texts.create}
      isSending={making.isPending}
      error={problem && !problem.fields.name ? problem.message : undefined}
      onSubmit={(event) => {
        event.preventDefault();
        making.mutate();
      }}
    >
      <TextField
        label={texts.name}
        hint={texts.nameHint}
        value={name}
        spellCheck={false}
        autoComplete="off"
        error={problem?.fields.name}
        onChange={(event) => setName(event.target.value)}
      />
    </Form>
  );
}
