/** What shall happen: a message to a chat, a mail, or telling another program. */

import { useId } from "react";
import { classNames } from "#lib/class-names.ts";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import { withFormat } from "./draft.ts";
import type { FormProps } from "./form-props.ts";
import { CHATS, FIRST_FORMAT, ICONS, KINDS, type Kind, kindOf } from "./kinds.ts";

export function KindChoice({ draft, stored, problems, onChange }: FormProps) {
  const texts = words().webhooks;
  const name = useId();
  const kind = kindOf(draft.format);
  const choose = (chosen: Kind) => {
    const before = stored && kindOf(stored.format) === chosen ? stored.format : FIRST_FORMAT[chosen];
    onChange(withFormat(draft, before, stored));
  };
  const chat = CHATS.find((one) => one === draft.format);
  return (
    <>
      <fieldset className="grid gap-2.5 sm:grid-cols-3">
        <legend className="sr-only">{texts.what}</legend>
        {KINDS.map((one) => {
          const Icon = ICONS[one];
          return (
            <label
              key={one}
              className={classNames(
                "flex cursor-pointer items-start gap-3 rounded-xl border p-3.5 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-moss",
                one === kind ? "border-moss bg-moss-wash" : "border-line bg-raised hover:bg-sunken",
              )}
            >
              <input type="radio" name={name} className="sr-only" checked={one === kind} onChange={() => choose(one)} />
              <Icon className={classNames("mt-0.5 size-5 shrink-0", one === kind && "text-moss-strong")} aria-hidden />
              <span className="min-w-0">
                <span className={classNames("block text-sm font-medium", one === kind && "text-moss-strong")}>
                  {texts.kinds[one]}
                </span>
                <span className="block text-sm text-ink-soft">{texts.kindHints[one]}</span>
              </span>
            </label>
          );
        })}
      </fieldset>
      {problems.format && (
        <p role="alert" className="text-sm text-danger">
          {problems.format}
        </p>
      )}
      {chat && (
        <SelectField
          label={texts.chat}
          value={chat}
          options={CHATS.map((value) => ({ value, label: texts.formats[value] }))}
          onChange={(format) => onChange(withFormat(draft, format, stored))}
        />
      )}
    </>
  );
}
