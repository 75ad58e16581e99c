/** Definitions of collections as a file. */

import { Download } from "lucide-react";
import { useState } from "react";
import type { Collection } from "#api/types.ts";
import { toExport } from "#lib/schema/import-file.ts";
import { Button } from "#ui/button.tsx";
import { CodeEditor } from "#ui/code-editor.tsx";
import { CopyButton } from "#ui/copy-button.tsx";
import { CheckField } from "#ui/switch-field.tsx";
import { words } from "#words/words.ts";

export function ExportTab({ collections }: { collections: Collection[] }) {
  const say = words().structure;
  const [left, setLeft] = useState<ReadonlySet<string>>(
    () => new Set(collections.filter(({ system }) => system).map(({ id }) => id)),
  );
  const chosen = collections.filter(({ id }) => !left.has(id));
  const text = toExport(chosen);
  const toggle = (id: string, isChosen: boolean) => {
    const next = new Set(left);
    if (isChosen) next.delete(id);
    else next.add(id);
    setLeft(next);
  };
  return (
    <div className="grid gap-5 lg:grid-cols-[16rem_minmax(0,1fr)]">
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-2 text-sm font-medium">{say.exportWhich}</legend>
        <CheckField
          label={say.all}
          isChecked={left.size === 0}
          onChange={(isAll) => setLeft(isAll ? new Set() : new Set(collections.map(({ id }) => id)))}
        />
        <div className="flex max-h-80 flex-col gap-1.5 overflow-y-auto border-t border-line pt-2">
          {collections.map(({ id, name }) => (
            <CheckField key={id} label={name} isChecked={!left.has(id)} onChange={(isChosen) => toggle(id, isChosen)} />
          ))}
        </div>
      </fieldset>
      <div className="flex min-w-0 flex-col gap-3">
        <p className="text-sm text-ink-soft">{say.exportLead}</p>
        <div className="flex flex-wrap gap-2">
          <Button icon={Download} disabled={chosen.length === 0} onClick={() => save(text)}>
            {words().common.download}
          </Button>
          <CopyButton text={text} label={words().common.copy} />
        </div>
        <div className="max-h-[60dvh] overflow-y-auto rounded-lg">
          <CodeEditor label="JSON" isLabelHidden language="json" value={text} isReadOnly onChange={() => undefined} />
        </div>
      </div>
    </div>
  );
}

function save(text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = "collections.json";
  link.click();
  URL.revokeObjectURL(address);
}
