/** The indexes of a collection: as a form, and as the SQL behind it. */

import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { type IndexForm, newIndexName, parseIndex, printIndex } from "#lib/schema/index-text.ts";
import { Button, IconButton } from "#ui/button.tsx";
import { CodeEditor } from "#ui/code-editor.tsx";
import { Section } from "#ui/page.tsx";
import { CheckField } from "#ui/switch-field.tsx";
import { SelectField, TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { keptFields, lostIndexes, randomSuffix } from "./draft.ts";
import type { Editor } from "./use-editor.ts";

export function IndexList({ editor }: { editor: Editor }) {
  const say = words().schema;
  const { collection } = editor.draft;
  const indexes = collection.indexes ?? [];
  const lost = lostIndexes(editor.draft);
  const set = (next: string[]) => editor.setKeys({ indexes: next });
  const add = () => {
    const form = { name: newIndexName(randomSuffix()), isUnique: false, columns: [], where: "" };
    set([...indexes, printIndex(form, collection.name)]);
  };
  return (
    <Section
      title={say.indexes}
      lead={say.indexesLead}
      actions={
        <Button icon={Plus} onClick={add}>
          {say.addIndex}
        </Button>
      }
    >
      {indexes.length === 0 && <p className="text-ink-soft">{say.noIndexes}</p>}
      <ul className="flex flex-col gap-3">
        {indexes.map((index, at) => (
          <IndexItem
            // biome-ignore lint/suspicious/noArrayIndexKey: an index has no identity but its place
            key={at}
            editor={editor}
            index={index}
            error={editor.errorsOf(`indexes.${at}`)[""]}
            isLost={lost.includes(index)}
            onChange={(next) => set(indexes.with(at, next))}
            onRemove={() => set(indexes.toSpliced(at, 1))}
          />
        ))}
      </ul>
    </Section>
  );
}

type IndexItemProps = {
  editor: Editor;
  index: string;
  error: string | undefined;
  isLost: boolean;
  onChange: (index: string) => void;
  onRemove: () => void;
};

function IndexItem({ editor, index, error, isLost, onChange, onRemove }: IndexItemProps) {
  const say = words().schema;
  const [wantsSql, setWantsSql] = useState(false);
  const empty = /\(\)\s*$/.test(index);
  const form = empty ? emptyForm(index) : parseIndex(index);
  const isSql = wantsSql || form === null;
  return (
    <li className="flex flex-col gap-3 rounded-xl border border-line bg-raised p-4">
      <div className="flex items-start justify-between gap-2">
        <p className="min-w-0 font-mono text-[13px] break-words text-ink-soft">{form?.name ?? say.newIndex}</p>
        <div className="-mt-1.5 flex shrink-0 items-center gap-1">
          {form !== null && (
            <Button look="quiet" onClick={() => setWantsSql(!wantsSql)}>
              {isSql ? say.indexAsForm : say.indexAsSql}
            </Button>
          )}
          <IconButton label={say.removeIndex(form?.name ?? index)} icon={Trash2} onClick={onRemove} />
        </div>
      </div>
      {isSql ? (
        <CodeEditor label={say.indexSql} language="sql" value={index} error={error} onChange={onChange} />
      ) : (
        <IndexFormFields
          form={form}
          fields={keptFields(editor.draft).map(({ field }) => field.name)}
          onChange={(next) => onChange(printIndex(next, editor.draft.collection.name))}
        />
      )}
      {!isSql && error && <p className="text-sm text-danger">{error}</p>}
      {isLost && <p className="text-sm text-danger">{say.lostIndex}</p>}
    </li>
  );
}

/** An index without fields yet is no statement that the server would take, but a form to fill in. */
function emptyForm(index: string): IndexForm | null {
  const form = parseIndex(index.replace(/\(\)\s*$/, "(x)"));
  return form && { ...form, columns: [] };
}

type IndexFormProps = { form: IndexForm; fields: string[]; onChange: (form: IndexForm) => void };

function IndexFormFields({ form, fields, onChange }: IndexFormProps) {
  const say = words().schema;
  const free = fields.filter((name) => !form.columns.some((column) => column.name === name));
  const ignoresCase = form.columns.length > 0 && form.columns.every((column) => column.ignoresCase);
  return (
    <>
      <div className="flex flex-col gap-2">
        {form.columns.length > 0 && (
          <ul className="flex flex-wrap gap-1.5" aria-label={say.indexFields}>
            {form.columns.map((column) => (
              <li
                key={column.name}
                className="inline-flex max-w-full items-center rounded-md bg-moss-wash pl-2.5 text-sm text-moss-strong"
              >
                <span className="min-w-0 truncate">
                  {column.name}
                  {column.isDescending && " ↓"}
                </span>
                <IconButton
                  label={words().fieldOptions.removeValue(column.name)}
                  icon={Trash2}
                  className="size-8! [&>svg]:size-3.5!"
                  onClick={() => onChange({ ...form, columns: form.columns.filter((other) => other !== column) })}
                />
              </li>
            ))}
          </ul>
        )}
        <div className="sm:w-64">
          <SelectField
            label={form.columns.length === 0 ? say.indexFields : <span className="sr-only">{say.indexAddField}</span>}
            value=""
            options={[{ value: "", label: say.indexAddField }, ...free.map((name) => ({ value: name, label: name }))]}
            onChange={(name) =>
              name !== "" &&
              onChange({ ...form, columns: [...form.columns, { name, ignoresCase, isDescending: false }] })
            }
          />
        </div>
      </div>
      <CheckField
        label={say.indexUnique}
        isChecked={form.isUnique}
        onChange={(isUnique) => onChange({ ...form, isUnique })}
      />
      <CheckField
        label={say.indexIgnoresCase}
        isChecked={ignoresCase}
        onChange={(ignores) =>
          onChange({ ...form, columns: form.columns.map((column) => ({ ...column, ignoresCase: ignores })) })
        }
      />
      {form.where !== "" && (
        <TextField
          label={say.indexWhere}
          value={form.where}
          spellCheck={false}
          className="font-mono text-[13px]"
          onChange={(event) => onChange({ ...form, where: event.target.value })}
        />
      )}
    </>
  );
}
