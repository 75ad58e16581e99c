/** The name of a collection, and while it is new, what it is. */

import type { CollectionType } from "#api/types.ts";
import { CollectionIcon } from "#fields/collection-icon.tsx";
import { classNames } from "#lib/class-names.ts";
import { tidyName, toFieldName } from "#lib/schema/names.ts";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { COLLECTION_TYPES } from "./draft.ts";
import type { Editor } from "./use-editor.ts";

type GeneralProps = { editor: Editor; onType?: (type: CollectionType) => void };

export function General({ editor, onType }: GeneralProps) {
  const say = words().schema;
  const { collection, stored } = editor.draft;
  const isRenamed = stored !== undefined && stored.name !== collection.name;
  return (
    <div className="flex flex-col gap-5">
      {onType && (
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-2 text-sm font-medium">{say.kind}</legend>
          <div className="grid gap-2 sm:grid-cols-3">
            {COLLECTION_TYPES.map((type) => (
              <TypeCard key={type} type={type} isChosen={collection.type === type} onChoose={() => onType(type)} />
            ))}
          </div>
        </fieldset>
      )}
      {!stored?.system && (
        <div className="max-w-md">
          <TextField
            label={say.name}
            hint={isRenamed ? say.renameHint(stored.name) : say.nameHint}
            error={editor.errorsOf("name")[""]}
            value={collection.name}
            maxLength={255}
            spellCheck={false}
            autoComplete="off"
            // The first thing to do with a new collection is to name it.
            autoFocus={!stored}
            onChange={(event) => editor.setKeys({ name: toFieldName(event.target.value) })}
            onBlur={() => {
              const name = tidyName(collection.name, stored?.name);
              if (name !== collection.name) editor.setKeys({ name });
            }}
          />
        </div>
      )}
    </div>
  );
}

type TypeCardProps = { type: CollectionType; isChosen: boolean; onChoose: () => void };

function TypeCard({ type, isChosen, onChoose }: TypeCardProps) {
  const say = words().schema.kinds[type];
  return (
    <label
      className={classNames(
        "flex cursor-pointer gap-3 rounded-xl border p-3 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-moss",
        isChosen ? "border-moss bg-moss-wash" : "border-line bg-raised hover:border-line-strong",
      )}
    >
      <input type="radio" name="type" className="sr-only" checked={isChosen} onChange={onChoose} />
      <CollectionIcon type={type} className="mt-0.5 size-4 text-moss-strong" />
      <span className="min-w-0">
        <span className="block text-sm font-medium">{say.label}</span>
        <span className="block text-[13px] text-ink-soft">{say.lead}</span>
      </span>
    </label>
  );
}
