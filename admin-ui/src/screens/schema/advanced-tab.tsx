/** Indexes, and the definition as the API shows it. */

import { CopyButton } from "#ui/copy-button.tsx";
import { Section } from "#ui/page.tsx";
import { words } from "#words/words.ts";
import { definitionOf } from "./draft.ts";
import { IndexList } from "./index-list.tsx";
import type { Editor } from "./use-editor.ts";

export function AdvancedTab({ editor }: { editor: Editor }) {
  const say = words().schema;
  const { collection } = editor.draft;
  const json = JSON.stringify(definitionOf(editor.draft), null, 2);
  return (
    <div className="flex flex-col gap-5">
      {collection.type !== "view" && <IndexList editor={editor} />}
      <Section title={say.ids} lead={say.idHint}>
        {collection.id !== "" && (
          <p className="flex items-center gap-2 font-mono text-[13px]">
            {collection.id} <CopyButton text={collection.id} label={say.ids} isIconOnly />
          </p>
        )}
        <div>
          <CopyButton text={json} label={say.copyJson} />
        </div>
      </Section>
    </div>
  );
}
