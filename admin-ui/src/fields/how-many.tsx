/** One value or several: for choices, links and files. */

import { useState } from "react";
import { NumberField } from "#ui/number-field.tsx";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { OptionsProps } from "./field-options.ts";

/** What "several" means until somebody sets a limit. */
const SEVERAL = 99;

type HowManyProps = OptionsProps & { maximum?: number };

export function HowMany({ field, errors, onChange, maximum = SEVERAL }: HowManyProps) {
  const say = words().fieldOptions;
  const isSeveral = (field.maxSelect ?? 0) > 1;
  const [remembered, setRemembered] = useState(isSeveral ? (field.maxSelect ?? maximum) : Math.max(2, maximum));
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label={say.howMany}
        value={isSeveral ? "several" : "one"}
        options={[
          { value: "one", label: say.one },
          { value: "several", label: say.several },
        ]}
        onChange={(chosen) => {
          if (isSeveral) setRemembered(field.maxSelect ?? maximum);
          onChange({ maxSelect: chosen === "one" ? 1 : remembered });
        }}
      />
      {isSeveral && (
        <NumberField
          label={say.atMost}
          value={field.maxSelect ?? null}
          error={errors.maxSelect}
          isWhole
          onChange={(most) => onChange({ maxSelect: Math.max(2, most ?? 2) })}
        />
      )}
    </div>
  );
}
