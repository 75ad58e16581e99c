/** Why nothing can be changed here, and how to allow it. */

import { CodeBlock } from "#ui/code-block.tsx";
import { Disclosure } from "#ui/disclosure.tsx";
import { words } from "#words/words.ts";

/** In `config.toml`, the same in all languages. */
const SETTING = "[scripts]\neditable = true";

export function ReadOnlyNotice({ folder }: { folder: string }) {
  const texts = words().scripts;
  return (
    <div className="rounded-2xl border border-line bg-surface px-5 py-3">
      <p className="text-sm">
        {texts.readOnly} <code className="font-mono text-[13px] break-all">{folder}</code>
      </p>
      <Disclosure label={texts.howToEdit}>
        <HowToEdit />
      </Disclosure>
    </div>
  );
}

export function HowToEdit() {
  const texts = words().scripts;
  return (
    <div className="flex flex-col gap-2 text-left text-sm">
      <p>{texts.editableLead}</p>
      <CodeBlock code={SETTING} label="config.toml" />
      <p className="text-ink-soft">{texts.editableRisk}</p>
    </div>
  );
}
