/** What scripts are for, and how to begin. */

import { FileCode2, Plus } from "lucide-react";
import { Button } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { words } from "#words/words.ts";
import { EXAMPLE } from "./example.ts";
import { HowToEdit } from "./read-only-notice.tsx";

type NoScriptsProps = { folder: string; isEditable: boolean; onAdd: () => void };

export function NoScripts({ folder, isEditable, onAdd }: NoScriptsProps) {
  const texts = words().scripts;
  return (
    <EmptyState icon={FileCode2} title={texts.none} lead={texts.noneLead}>
      <p className="text-ink-soft">{texts.firstLead}</p>
      <div className="w-full text-left">
        <CodeBlock code={EXAMPLE.trimEnd()} label={texts.example} />
      </div>
      {isEditable ? (
        <Button look="primary" icon={Plus} onClick={onAdd}>
          {texts.addFirst}
        </Button>
      ) : (
        <div className="flex w-full flex-col gap-3 text-left">
          <p className="text-sm">
            {texts.firstFile} <code className="font-mono text-[13px] break-all">{`${folder}/orders.rhai`}</code>
          </p>
          <HowToEdit />
        </div>
      )}
    </EmptyState>
  );
}
