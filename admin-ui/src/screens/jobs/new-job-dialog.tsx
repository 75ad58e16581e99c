/** Adds a job by hand: to try one, or to have work done that was missed. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { enqueueJob, type NewJob } from "#api/jobs.ts";
import { keys } from "#api/keys.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Disclosure } from "#ui/disclosure.tsx";
import { Form } from "#ui/form.tsx";
import { JsonEditor, jsonProblem } from "#ui/json-editor.tsx";
import { NumberField } from "#ui/number-field.tsx";
import { SelectField, TextField } from "#ui/text-field.tsx";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

type NewJobDialogProps = {
  isOpen: boolean;
  /** The jobs that scripts define. */
  names: readonly string[];
  /** The one to begin with. */
  name?: string;
  onClose: () => void;
};

export function NewJobDialog({ isOpen, names, name, onClose }: NewJobDialogProps) {
  return (
    <Dialog isOpen={isOpen} title={words().jobs.add} onClose={onClose}>
      <JobForm names={names} firstName={name ?? names[0] ?? ""} onClose={onClose} />
    </Dialog>
  );
}

const PRIORITIES = ["high", "normal", "low"] as const;

type Options = Required<Pick<NewJob, "priority" | "uniqueKey">> & { delay: number | null; maxAttempts: number | null };

function JobForm({ names, firstName, onClose }: { names: readonly string[]; firstName: string; onClose: () => void }) {
  const texts = words().jobs;
  const cache = useQueryClient();
  const [name, setName] = useState(firstName);
  const [payload, setPayload] = useState("");
  const [options, setOptions] = useState<Options>({
    delay: null,
    priority: "normal",
    uniqueKey: "",
    maxAttempts: null,
  });
  const change = (part: Partial<Options>) => setOptions({ ...options, ...part });
  const adding = useMutation({
    mutationFn: () =>
      enqueueJob({
        name,
        payload: payload.trim() === "" ? null : JSON.parse(payload),
        priority: options.priority,
        uniqueKey: options.uniqueKey.trim() || undefined,
        delay: options.delay ?? undefined,
        maxAttempts: options.maxAttempts ?? undefined,
      }),
    onSuccess: () => {
      toastDone(texts.wasAdded(name));
      onClose();
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.jobs() }),
  });
  const problem = adding.error ? explain(adding.error) : null;
  const fields = problem?.fields ?? {};
  const isTold = Object.keys(fields).length > 0;
  return (
    <Form
      submitLabel={texts.addIt}
      isSending={adding.isPending}
      error={problem && !isTold ? problem.message : undefined}
      onSubmit={(event) => {
        event.preventDefault();
        if (jsonProblem(payload) === undefined) adding.mutate();
      }}
    >
      <SelectField
        label={texts.name}
        value={name}
        options={names.map((value) => ({ value, label: value }))}
        error={fields.name}
        onChange={setName}
      />
      <JsonEditor
        label={texts.payload}
        hint={texts.payloadHint}
        error={fields.payload}
        value={payload}
        onChange={setPayload}
      />
      <Disclosure
        label={words().common.advanced}
        isOpen={["delay", "priority", "uniqueKey", "maxAttempts"].some((field) => fields[field])}
      >
        <div className="flex flex-col gap-4">
          <NumberField
            label={texts.delay}
            hint={texts.delayHint}
            unit={texts.seconds}
            error={fields.delay}
            value={options.delay}
            onChange={(delay) => change({ delay })}
          />
          <SelectField
            label={texts.priority}
            value={options.priority}
            options={PRIORITIES.map((value) => ({ value, label: texts.priorities[value] }))}
            error={fields.priority}
            onChange={(priority) => change({ priority })}
          />
          <TextField
            label={texts.uniqueKey}
            hint={texts.uniqueKeyHint}
            error={fields.uniqueKey}
            value={options.uniqueKey}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => change({ uniqueKey: event.target.value })}
          />
          <NumberField
            label={texts.attempts}
            hint={texts.attemptsHint}
            isWhole
            error={fields.maxAttempts}
            value={options.maxAttempts}
            onChange={(maxAttempts) => change({ maxAttempts })}
          />
        </div>
      </Disclosure>
    </Form>
  );
}
