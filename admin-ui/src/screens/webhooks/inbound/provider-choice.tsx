/** Who sends. */

import { useId } from "react";
import { classNames } from "#lib/class-names.ts";
import { PROVIDERS } from "#lib/inbound/providers.ts";
import { words } from "#words/words.ts";
import { withProvider } from "./draft.ts";
import type { FormProps } from "./form-props.ts";
import { senderName } from "./inbound-text.ts";

export function ProviderChoice({ draft, stored, problems, onChange }: FormProps) {
  const texts = words().inbound;
  const name = useId();
  return (
    <>
      <fieldset className="grid grid-cols-2 gap-2 sm:grid-cols-3 lg:grid-cols-4">
        <legend className="sr-only">{texts.who}</legend>
        {PROVIDERS.map((one) => {
          const isChosen = one === draft.provider;
          return (
            <label
              key={one}
              className={classNames(
                "flex cursor-pointer flex-col rounded-xl border px-3 py-2.5 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-moss",
                isChosen ? "border-moss bg-moss-wash" : "border-line bg-raised hover:bg-sunken",
                // The last one in the list stands for all others.
                one === "hmac" && "col-span-full",
              )}
            >
              <input
                type="radio"
                name={name}
                className="sr-only"
                checked={isChosen}
                onChange={() => onChange(withProvider(draft, one, stored))}
              />
              <span className={classNames("text-sm font-medium", isChosen && "text-moss-strong")}>
                {senderName(one)}
              </span>
              <span className="text-[13px] leading-5 text-ink-soft">{texts.senders[one]}</span>
            </label>
          );
        })}
      </fieldset>
      {problems.provider && (
        <p role="alert" className="text-sm text-danger">
          {problems.provider}
        </p>
      )}
    </>
  );
}
