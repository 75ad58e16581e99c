/** Everything that can be chosen about one field: first what most need, the rest behind "Advanced". */

import { optionsOf } from "#fields/options.ts";
import { classNames } from "#lib/class-names.ts";
import { tidyName, toFieldName } from "#lib/schema/names.ts";
import { Disclosure } from "#ui/disclosure.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { typeLabel } from "./describe.ts";
import type { DraftField } from "./draft.ts";
import { canBeUnique, isUnique, setUnique } from "./unique.ts";
import type { Editor } from "./use-editor.ts";

type FieldSettingsProps = { editor: Editor; item: DraftField; errors: Record<string, string> };

export function FieldSettings({ editor, item, errors }: FieldSettingsProps) {
  const say = words().fieldOptions;
  const { field, stored, key } = item;
  const { Options, Advanced, isNeverRequired } = optionsOf(field.type);
  const set = (change: Partial<typeof field>) => editor.setField(key, change);
  const options = { field, stored, errors, onChange: set };
  const required: Record<string, string> = say.required;
  return (
    <div className="flex flex-col gap-4">
      {errors[""] && <p className="text-sm text-danger">{errors[""]}</p>}
      {!field.system && (
        <TextField
          label={say.name}
          value={field.name}
          error={errors.name}
          spellCheck={false}
          autoComplete="off"
          data-field-name={key}
          onChange={(event) => set({ name: toFieldName(event.target.value) })}
          onBlur={() => {
            const name = tidyName(field.name, stored?.name);
            if (name !== field.name) set({ name });
          }}
        />
      )}
      {stored && !field.system && (
        <p className="-mt-2 text-[13px] text-ink-soft">
          <strong className="font-medium text-ink">{say.typeIs(typeLabel(field.type))}</strong> {say.typeFixed}
        </p>
      )}
      {Options && !field.primaryKey && <Options {...options} />}
      <div className="grid gap-x-6 gap-y-3 sm:grid-cols-2">
        {!isNeverRequired && !isFixedRequired(field) && (
          <SwitchField
            label={required[field.type] ?? say.required.other}
            isOn={field.required === true}
            onChange={(isOn) => set({ required: isOn })}
          />
        )}
        {canBeUnique(field) && (
          <SwitchField
            label={say.unique}
            isOn={isUnique(editor.draft, field.name)}
            onChange={(isOn) => editor.change((draft) => setUnique(draft, field, isOn))}
          />
        )}
        {!field.system && (
          <>
            <SwitchField
              label={say.presentable}
              hint={say.presentableHint}
              isOn={field.presentable}
              onChange={(presentable) => set({ presentable })}
            />
            <SwitchField
              label={say.hidden}
              hint={say.hiddenHint}
              isOn={field.hidden}
              onChange={(hidden) => set({ hidden })}
            />
          </>
        )}
      </div>
      <Disclosure
        label={words().common.advanced}
        isOpen={Object.keys(errors).some((option) => option !== "" && option !== "name")}
      >
        <div className={classNames("flex flex-col gap-4")}>
          {Options && field.primaryKey && <Options {...options} />}
          {Advanced && <Advanced {...options} />}
          {!isNeverRequired && !field.system && (
            <TextField
              label={say.help}
              hint={say.helpHint}
              value={field.help ?? ""}
              error={errors.help}
              maxLength={300}
              onChange={(event) => set({ help: event.target.value })}
            />
          )}
          <p className="text-[13px] text-ink-soft">
            id <span className="font-mono">{field.id}</span>
          </p>
        </div>
      </Disclosure>
    </div>
  );
}

/** Built-in fields cannot do without a value; only the email address of an account may be left out. */
function isFixedRequired({ system, name }: { system: boolean; name: string }): boolean {
  return system && name !== "email";
}
