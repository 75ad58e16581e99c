/** When backups are made automatically, and how many of them stay. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { type Settings, saveSettings, settingsQuery } from "#api/settings.ts";
import { Button } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";
import { NumberField } from "#ui/number-field.tsx";
import { Section } from "#ui/page.tsx";
import { SelectField, TextField } from "#ui/text-field.tsx";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

const CUSTOM = "custom";

export function Schedule() {
  const { data } = useQuery(settingsQuery());
  return data ? <ScheduleForm key={JSON.stringify(data.backups)} settings={data} /> : null;
}

/** Mounted again when the stored schedule changes. */
function ScheduleForm({ settings }: { settings: Settings }) {
  const texts = words().server.backups;
  const cache = useQueryClient();
  const [cron, setCron] = useState(settings.backups.cron);
  const [keep, setKeep] = useState(settings.backups.cronMaxKeep);
  const [isCustom, setCustom] = useState(!(settings.backups.cron in texts.presets));
  const saving = useMutation({
    mutationFn: () => saveSettings({ backups: { cron: cron.trim(), cronMaxKeep: keep } }),
    onSuccess: (saved) => {
      cache.setQueryData(keys.settings(), saved);
      cache.invalidateQueries({ queryKey: keys.crons() });
      toastDone(texts.scheduleSaved);
    },
  });
  const problem = saving.error ? explain(saving.error) : null;
  const isDirty = cron.trim() !== settings.backups.cron || keep !== settings.backups.cronMaxKeep;
  const choose = (chosen: string) => {
    setCustom(chosen === CUSTOM);
    if (chosen !== CUSTOM) setCron(chosen);
  };
  return (
    <Section title={texts.schedule} lead={texts.scheduleLead}>
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={texts.when}
          value={isCustom ? CUSTOM : cron}
          options={[
            ...Object.entries(texts.presets).map(([value, label]) => ({ value, label })),
            { value: CUSTOM, label: texts.custom },
          ]}
          onChange={choose}
        />
        {(isCustom || cron !== "") && (
          <NumberField
            isWhole
            label={texts.keep}
            value={keep}
            error={problem?.fields["backups.cronMaxKeep"]}
            onChange={(number) => setKeep(number ?? 0)}
          />
        )}
        {isCustom && (
          <TextField
            label={texts.custom}
            value={cron}
            placeholder="0 3 * * *"
            spellCheck={false}
            error={problem?.fields["backups.cron"]}
            onChange={(event) => setCron(event.target.value)}
          />
        )}
      </div>
      {problem && Object.keys(problem.fields).length === 0 && <Notice tone="danger">{problem.message}</Notice>}
      <div>
        <Button look="primary" disabled={!isDirty || saving.isPending} onClick={() => saving.mutate()}>
          {saving.isPending ? words().common.saving : words().common.save}
        </Button>
      </div>
    </Section>
  );
}
