/** Makes a collection of the values of the sample, for somebody who has none for them yet. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { createCollection } from "#api/schema.ts";
import type { Collection } from "#api/types.ts";
import { fieldTypeName } from "#fields/registry.ts";
import { shortPath } from "#lib/inbound/leaves.ts";
import { collectionNameFor, type NewField, newFields } from "#lib/inbound/new-fields.ts";
import type { Provider } from "#lib/inbound/providers.ts";
import { Button } from "#ui/button.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { Form } from "#ui/form.tsx";
import { CheckField } from "#ui/switch-field.tsx";
import { TextField } from "#ui/text-field.tsx";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import type { Source } from "./draft.ts";
import type { Plan } from "./plan.ts";
import { shortValue } from "./short-value.ts";

type NewCollectionProps = {
  plan: Plan;
  provider: Provider;
  taken: readonly Collection[];
  onMade: (collection: Collection, sources: ReadonlyMap<string, Source>, rawField: string) => void;
};

export function NewCollection(props: NewCollectionProps) {
  const texts = words().inbound;
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button icon={Plus} className="h-10!" disabled={props.plan.leaves.length === 0} onClick={() => setOpen(true)}>
        {texts.newCollection}
      </Button>
      <Dialog isOpen={isOpen} title={texts.newCollectionTitle} onClose={() => setOpen(false)}>
        <ChooseValues
          {...props}
          onMade={(...made) => {
            setOpen(false);
            props.onMade(...made);
          }}
        />
      </Dialog>
    </>
  );
}

const RAW = "raw";

function ChooseValues({ plan, provider, taken, onMade }: NewCollectionProps) {
  const texts = words().inbound;
  const cache = useQueryClient();
  const [fields] = useState(() => newFields(plan.leaves));
  const [name, setName] = useState(() =>
    collectionNameFor(
      provider,
      taken.map((one) => one.name),
    ),
  );
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set(fields.filter(({ isLikely }) => isLikely).map((field) => field.name)),
  );
  const [keepsRaw, setKeepsRaw] = useState(true);
  const wanted = fields.filter((field) => chosen.has(field.name));
  const making = useMutation({
    mutationFn: () => createCollection({ name: name.trim(), type: "base", fields: definitionOf(wanted, keepsRaw) }),
    onSuccess: async (collection) => {
      await cache.invalidateQueries({ queryKey: keys.collections() });
      toastDone(texts.madeCollection(collection.name));
      const sources = wanted.map(({ name, leaf }) => [name, { kind: "path", path: leaf.path }] as const);
      onMade(collection, new Map(sources), keepsRaw ? RAW : "");
    },
  });
  const problem = making.error ? explain(making.error) : null;
  const isEmpty = wanted.length === 0 && !keepsRaw;
  return (
    <Form
      submitLabel={texts.makeCollection}
      isSending={making.isPending}
      error={
        problem && !problem.fields.name
          ? (Object.values(problem.fields)[0] ?? problem.message)
          : making.isIdle && isEmpty
            ? texts.noneChosen
            : undefined
      }
      onSubmit={(event) => {
        event.preventDefault();
        if (!isEmpty) making.mutate();
      }}
    >
      <p className="text-ink-soft">{texts.newCollectionLead}</p>
      <TextField
        label={texts.collectionName}
        spellCheck={false}
        value={name}
        error={problem?.fields.name}
        onChange={(event) => setName(event.target.value)}
      />
      <fieldset className="flex min-w-0 flex-col gap-2">
        <legend className="mb-1.5 text-sm font-medium">{texts.chooseValues}</legend>
        {fields.map((field) => (
          <CheckField
            key={field.name}
            label={
              <>
                {field.name} <span className="text-ink-soft">· {fieldTypeName(field.type)}</span>
              </>
            }
            hint={
              <span className="break-all">
                {shortPath(field.leaf.path)}: {shortValue(field.leaf.value)}
              </span>
            }
            isChecked={chosen.has(field.name)}
            onChange={(isOn) => setChosen(changed(chosen, field.name, isOn))}
          />
        ))}
      </fieldset>
      <CheckField label={texts.keepRawToo} isChecked={keepsRaw} onChange={setKeepsRaw} />
    </Form>
  );
}

function changed(chosen: ReadonlySet<string>, name: string, isOn: boolean): ReadonlySet<string> {
  const next = new Set(chosen);
  if (isOn) next.add(name);
  else next.delete(name);
  return next;
}

function definitionOf(wanted: readonly NewField[], keepsRaw: boolean): Collection["fields"] {
  const made = [
    ...wanted.map(({ name, type }) => ({ name, type })),
    ...(keepsRaw ? [{ name: RAW, type: "json" }] : []),
    { name: "receivedAt", type: "autodate", onCreate: true },
  ];
  // The server fills in what is usual.
  return made as Collection["fields"];
}
