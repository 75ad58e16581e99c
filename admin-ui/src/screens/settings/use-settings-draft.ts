/** The settings as they are being edited: what the server has, with the changes on top that are not saved yet. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { type Settings, saveSettings, settingsQuery } from "#api/settings.ts";
import { changedPart, rebase } from "#lib/rebase.ts";
import { isSame } from "#lib/schema/compare.ts";
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

/** `base` is what the server had when `value` was typed. */
type Edit = { base: Settings; value: Settings };

export function useSettingsDraft(): { draft: SettingsDraft | null; error: unknown } {
  const cache = useQueryClient();
  const stored = useQuery(settingsQuery());
  const [edit, setEdit] = useState<Edit | null>(null);
  const saving = useMutation({
    mutationFn: ({ value, base }: Edit) => saveSettings(changedPart(value, base)),
    onSuccess: (settings, sent) => {
      cache.setQueryData(keys.settings(), settings);
      cache.invalidateQueries({ queryKey: keys.crons() });
      setEdit((now) => now && { base: settings, value: rebase(now.value, sent.value, settings) });
      toastDone(words().settings.saved);
    },
  });
  if (!stored.data) return { draft: null, error: stored.error };

  const base = stored.data;
  // What others save meanwhile is taken over where nothing was changed here.
  const valueNow = (now: Edit | null) => (now ? rebase(now.value, now.base, base) : base);
  const value = valueNow(edit);
  const replace: SettingsDraft["replace"] = (key, replaced) => {
    setEdit((now) => ({ base, value: { ...valueNow(now), [key]: replaced } }));
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
      isDirty: !isSame(value, base),
      isSaving: saving.isPending,
      problems: problem?.fields ?? {},
      message: problem ? (hasFields ? words().settings.notSaved : problem.message) : undefined,
      change,
      replace,
      save: () => {
        const sent = { base, value };
        setEdit(sent);
        saving.mutate(sent);
      },
      discard: () => {
        setEdit(null);
        saving.reset();
      },
    },
  };
}
