/** One file as it is edited: what is stored, what was typed, and the way from one to the other. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { deleteScript, isConflict, mistakeOf, type ScriptFile, saveScript, scriptQuery } from "#api/scripts.ts";
import { toastDone, toastProblem } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import type { Drafts } from "./drafts.ts";
import { mistakeText } from "./mistake-text.ts";

/** `modified`: when the file was changed, as the list of files says. */
export function useFile(name: string, modified: string | undefined, drafts: Drafts, onGone: () => void) {
  const texts = words().scripts;
  const cache = useQueryClient();
  const query = useQuery(scriptQuery(name));
  // The list is asked for every few seconds, so changes by others are seen before they are in the way.
  const known = useRef(modified);
  useEffect(() => {
    if (known.current === modified) return;
    known.current = modified;
    void cache.invalidateQueries({ queryKey: keys.scriptFile(name) });
  }, [cache, name, modified]);
  const problem = query.error ? explain(query.error) : null;
  const isMissing = problem?.kind === "missing";
  const stored = isMissing ? undefined : query.data;
  const draft = drafts.of(name);
  const loadList = () => cache.invalidateQueries({ queryKey: keys.scriptFiles() });
  const learn = async (file: ScriptFile) => {
    // An answer that is on its way may be older.
    await cache.cancelQueries({ queryKey: keys.scriptFile(name) });
    cache.setQueryData(keys.scriptFile(name), file);
    await loadList();
  };

  const saving = useMutation({
    mutationFn: ({ text, hash }: { text: string; hash: string | undefined }) => saveScript(name, text, hash),
    onSuccess: async (file, { text }) => {
      await learn(file);
      drafts.saved(name, text, file.hash);
    },
    onError: (error) => {
      if (isConflict(error)) cache.invalidateQueries({ queryKey: keys.scriptFile(name) });
    },
  });

  const deleting = useMutation({
    mutationFn: (file: ScriptFile) => deleteScript(name, file.hash),
    onSuccess: async (_answer, file) => {
      drafts.drop(name);
      const restore = () =>
        saveScript(name, file.text, undefined).then(learn, (error) => toastProblem(explain(error).message));
      toastDone(texts.deleted(name), () => void restore());
      onGone();
      cache.removeQueries({ queryKey: keys.scriptFile(name) });
      await loadList();
    },
    onError: (error) => toastProblem(isConflict(error) ? texts.changedSince : deleteProblem(error)),
  });

  const save = () => {
    if (draft && !saving.isPending) saving.mutate(draft);
  };
  // A message is about the text that was sent.
  const isAboutThis = saving.error !== null && saving.variables?.text === draft?.text && !isConflict(saving.error);
  return {
    stored,
    draft,
    isPending: query.isPending,
    isMissing,
    problem: isMissing ? null : problem,
    text: draft?.text ?? stored?.text,
    isConflicting:
      draft !== undefined &&
      (isMissing ? draft.hash !== undefined : stored !== undefined && stored.hash !== draft.hash),
    isSaving: saving.isPending,
    saveProblem: isAboutThis ? saveProblem(saving.error, name) : undefined,
    change: (text: string) => {
      if (text === stored?.text) drafts.drop(name);
      else drafts.put(name, { text, hash: draft ? draft.hash : stored?.hash });
    },
    save,
    discard: () => {
      if (!draft) return;
      drafts.drop(name);
      toastDone(texts.discarded(name), () => drafts.put(name, draft));
    },
    /** The next save replaces what is stored now. */
    keepMine: () => draft && drafts.put(name, { text: draft.text, hash: stored?.hash }),
    remove: () => stored && deleting.mutate(stored),
    isDeleting: deleting.isPending,
  };
}

function saveProblem(error: unknown, name: string): string {
  const mistake = mistakeOf(error);
  const { fields, message } = explain(error);
  return mistake ? mistakeText(mistake, name) : (fields.text ?? fields.name ?? message);
}

/** Others may need the file: then the place where they do is said. */
function deleteProblem(error: unknown): string {
  const mistake = mistakeOf(error);
  return mistake ? mistakeText(mistake) : explain(error).message;
}
