/** What the request log keeps, and for how long. */

import { NumberField } from "#ui/number-field.tsx";
import { Section } from "#ui/page.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { SelectField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { SettingsDraft } from "./use-settings-draft.ts";

export function LogSettings({ draft }: { draft: SettingsDraft }) {
  const texts = words().settings.log;
  const levels = words().logs.levels;
  const { logs } = draft.value;
  return (
    <Section title={texts.title} lead={texts.lead}>
      <div className="grid gap-4 sm:grid-cols-2">
        <NumberField
          isWhole
          label={texts.days}
          hint={texts.daysHint}
          unit={texts.daysUnit}
          value={logs.maxDays}
          error={draft.problems["logs.maxDays"]}
          onChange={(maxDays) => draft.change("logs", { maxDays: maxDays ?? 0 })}
        />
        <SelectField
          label={texts.level}
          value={String(logs.minLevel)}
          options={[
            { value: "-4", label: levels.debug },
            { value: "0", label: levels.info },
            { value: "4", label: levels.warning },
            { value: "8", label: levels.error },
          ]}
          onChange={(level) => draft.change("logs", { minLevel: Number(level) })}
        />
        <NumberField
          isWhole
          label={texts.size}
          hint={texts.sizeHint}
          unit={words().settings.limits.bytes}
          value={logs.maxDataSize}
          error={draft.problems["logs.maxDataSize"]}
          onChange={(maxDataSize) => draft.change("logs", { maxDataSize: maxDataSize ?? 0 })}
        />
      </div>
      <SwitchField label={texts.ip} isOn={logs.logIP} onChange={(logIP) => draft.change("logs", { logIP })} />
      <SwitchField
        label={texts.authId}
        hint={texts.authIdHint}
        isOn={logs.logAuthId}
        onChange={(logAuthId) => draft.change("logs", { logAuthId })}
      />
    </Section>
  );
}
