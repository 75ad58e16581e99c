/** Which domains are accepted. Web addresses have the same options. */

import { useState } from "react";
import { SelectField } from "#ui/text-field.tsx";
import { TokensField } from "#ui/tokens-field.tsx";
import { words } from "#words/words.ts";
import type { FieldOptions, OptionsProps } from "../field-options.ts";

type DomainRule = "all" | "only" | "except";

function DomainOptions({ field, errors, onChange }: OptionsProps) {
  const say = words().fieldOptions;
  const [chosen, setChosen] = useState<DomainRule>(() => ruleOf(field.onlyDomains, field.exceptDomains));
  const values = (chosen === "only" ? field.onlyDomains : field.exceptDomains) ?? [];
  // The server takes one of the two lists; the domains move along when the other is chosen.
  const write = (rule: DomainRule, domains: string[]) =>
    onChange({
      onlyDomains: rule === "only" ? domains : [],
      exceptDomains: rule === "except" ? domains : [],
    });
  return (
    <>
      <SelectField
        label={say.domains}
        value={chosen}
        options={(["all", "only", "except"] as const).map((value) => ({ value, label: say.domainRule[value] }))}
        onChange={(rule) => {
          setChosen(rule);
          write(rule, values);
        }}
      />
      {chosen !== "all" && (
        <TokensField
          label={say.domainRule[chosen]}
          placeholder={say.domainsPlaceholder}
          values={values}
          error={firstError(errors, chosen === "only" ? "onlyDomains" : "exceptDomains")}
          removeLabel={say.removeValue}
          onChange={(domains) => write(chosen, domains)}
        />
      )}
    </>
  );
}

function ruleOf(only: string[] = [], except: string[] = []): DomainRule {
  if (only.length > 0) return "only";
  return except.length > 0 ? "except" : "all";
}

/** A finding may be about the list or about one entry of it. */
function firstError(errors: Record<string, string>, option: string): string | undefined {
  return Object.entries(errors).find(([path]) => path === option || path.startsWith(`${option}.`))?.[1];
}

export const domainOptions: FieldOptions = {
  defaults: { onlyDomains: [], exceptDomains: [] },
  Advanced: DomainOptions,
};
