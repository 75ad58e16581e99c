/** The id of a new record, for those who choose it themselves. Otherwise the server invents one. */

import type { Collection } from "#api/types.ts";
import { asText } from "#fields/values.ts";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { RecordEditor } from "./use-record-editor.ts";

export function OwnId({ collection, editor }: { collection: Collection; editor: RecordEditor }) {
  const { recordPanel, common } = words();
  const field = collection.fields.find(({ primaryKey }) => primaryKey);
  if (!field) return null;
  return (
    <details className="mt-2 border-t border-line pt-3" open={editor.errors.id !== undefined || undefined}>
      <summary className="rounded-md text-sm text-ink-soft hover:text-ink">{common.advanced}</summary>
      <div className="pt-3">
        <TextField
          label={recordPanel.ownId}
          hint={recordPanel.ownIdHint}
          error={editor.errors.id}
          autoComplete="off"
          spellCheck={false}
          value={asText(editor.draft.typed.id)}
          onChange={(event) => editor.change(field, event.target.value)}
          className="font-mono"
        />
      </div>
    </details>
  );
}
