/** The settings as they are being edited: what the server has, with the changes on top that are not saved yet. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { type Settings, saveSettings, settingsQuery } from "#api/settings.ts";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

export type SettingsDraft = {
  value: Settings;
  isDirty: boolean;
  isSaving: boolean;
  /** What the server found, by the path of the input. */
  problems: Record<string, string>;
  /** What is wrong as a whole, if no input can show it. */
  message: string | undefined;
  /** Replaces parts of one group: `change("meta", { appName: "Shop" })`. */
  change: <Key extends keyof Settings>(key: Key, part: Partial<Settings[Key]>) => void;
  /** Replaces a whole setting that is no group. */
  replace: <Key extends keyof Settings>(key: Key, value: Settings[Key]) => void;
  save: () => void;
  discard: () => void;
};

export function useSettingsDraft(): { draft: SettingsDraft | null; error: unknown } {
  const cache = useQueryClient();
  const stored = useQuery(settingsQuery());
  const [changes, setChanges] = useState<Partial<Settings>>({});
  const saving = useMutation({
    mutationFn: saveSettings,
    onSuccess: (settings) => {
      cache.setQueryData(keys.settings(), settings);
      cache.invalidateQueries({ queryKey: keys.crons() });
      setChanges({});
      toastDone(words().settings.saved);
    },
  });
  if (!stored.data) return { draft: null, error: stored.error };

  const value: Settings = { ...stored.data, ...changes };
  const replace: SettingsDraft["replace"] = (key, replaced) => {
    const isSame = JSON.stringify(replaced) === JSON.stringify(stored.data[key]);
    setChanges(({ [key]: _, ...others }) => (isSame ? others : { ...others, [key]: replaced }) as Partial<Settings>); // TypeScript loses the key
  };
  const change: SettingsDraft["change"] = (key, part) => {
    const group = Object(value[key]) as Settings[typeof key]; // optional groups begin empty
    replace(key, Object.assign({}, group, part));
  };
  const problem = saving.error ? explain(saving.error) : null;
  const hasFields = problem !== null && Object.keys(problem.fields).length > 0;
  return {
    error: null,
    draft: {
      value,
      isDirty: Object.keys(changes).length > 0,
      isSaving: saving.isPending,
      problems: problem?.fields ?? {},
      message: problem ? (hasFields ? words().settings.notSaved : problem.message) : undefined,
      change,
      replace,
      save: () => saving.mutate(changes),
      discard: () => {
        setChanges({});
        saving.reset();
      },
    },
  };
}
