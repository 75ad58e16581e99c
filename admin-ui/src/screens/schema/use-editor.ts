/** The state of the editor: the draft, what the server found wrong with it, and how it is saved. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { type Findings, findingsOf, sentencesBelow } from "#api/findings.ts";
import { keys } from "#api/keys.ts";
import {
  createCollection,
  fetchCollection,
  previewCollection,
  type SchemaPreview,
  updateCollection,
} from "#api/schema.ts";
import type { Collection, Field } from "#api/types.ts";
import { locale } from "#lib/locale.ts";
import { isSame } from "#lib/schema/compare.ts";
import { flattenErrors } from "#lib/schema/flat-errors.ts";
import { words } from "#words/words.ts";
import {
  changesOf,
  type Draft,
  definitionOf,
  isChanged,
  keptFields,
  readyToSave,
  setKeys,
  updateField,
} from "./draft.ts";
import { rebaseDraft } from "./rebase.ts";

export type Editor = {
  draft: Draft;
  isChanged: boolean;
  isSaving: boolean;
  /** The server is looking at what saving would do. */
  isLooking: boolean;
  /** What is wrong with the whole. */
  problem: string | undefined;
  /** By path; fields by their key, as in `fields.text123.name`. */
  findings: Findings;
  /** Sentences about a part, by what remains of their paths. */
  errorsOf: (path: string) => Record<string, string>;
  change: (step: (draft: Draft) => Draft) => void;
  setKeys: (change: Partial<Omit<Collection, "fields">>) => void;
  setField: (key: string, change: Partial<Field>) => void;
  discard: () => void;
  /** What saving would do. Resolves to nothing when it is refused. */
  preview: () => Promise<SchemaPreview | undefined>;
  /** Resolves to nothing when it is refused. */
  save: () => Promise<Collection | undefined>;
};

export function useEditor(initial: Draft): Editor {
  const cache = useQueryClient();
  const [draft, setDraft] = useState(initial);
  const [findings, setFindings] = useState<Findings>({});
  const [problem, setProblem] = useState<string>();
  const [isSaving, setSaving] = useState(false);
  const [isLooking, setLooking] = useState(false);

  /** The draft over what others have saved meanwhile. Nothing when they have changed the same, which is said then. */
  const catchUp = async (): Promise<Draft | undefined> => {
    if (!draft.stored) return draft;
    const stored = await fetchCollection(draft.stored.id);
    if (isSame(stored, draft.stored)) return draft;
    const { draft: next, contested } = rebaseDraft(draft, draft.stored, stored);
    setDraft((now) => (now.stored ? rebaseDraft(now, now.stored, stored).draft : now));
    if (contested.length === 0) return next;
    setFindings({});
    const names = contested.map((name) => words().rules.names[name] ?? name);
    setProblem(words().schema.contested(new Intl.ListFormat(locale(), { type: "conjunction" }).format(names)));
    return undefined;
  };
  /** Does something with the draft as it is to be sent. Resolves to nothing when it is refused, and shows why. */
  const send = async <Answer>(setBusy: (isBusy: boolean) => void, act: (sent: Draft) => Promise<Answer>) => {
    let sent: Draft | undefined = draft;
    setBusy(true);
    try {
      sent = await catchUp();
      return sent && (await act(sent));
    } catch (error) {
      setFindings(byPlace(findingsOf(error), sent ?? draft));
      setProblem(explain(error).message);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  const preview = () =>
    send(setLooking, async (sent) => {
      const answer = await previewCollection(sent.stored?.id, changesOf(readyToSave(sent)));
      const isWhole = answer.collections.length > 0;
      setFindings(answer.error ? byPlace(flattenErrors(answer.error.data), sent) : {});
      setProblem(isWhole ? undefined : answer.error?.message);
      return answer.isAllowed || isWhole ? answer : undefined;
    });
  const save = () =>
    send(setSaving, async (sent) => {
      const body = changesOf(readyToSave(sent));
      const saved = sent.stored ? await updateCollection(sent.stored.id, body) : await createCollection(body);
      // The inputs stay in use while it is being saved.
      if (sent.stored) setDraft((now) => rebaseDraft(now, definitionOf(sent), saved).draft);
      setFindings({});
      setProblem(undefined);
      await cache.invalidateQueries({ queryKey: keys.collections() });
      cache.invalidateQueries({ queryKey: keys.records(saved.name) });
      return saved;
    });
  return {
    draft,
    isChanged: isChanged(draft),
    isSaving,
    isLooking,
    problem,
    findings,
    errorsOf: (path) => sentencesBelow(findings, path),
    change: setDraft,
    setKeys: (change) => {
      setDraft((before) => setKeys(before, change));
      setFindings((before) => without(before, Object.keys(change)));
    },
    setField: (key, change) => {
      setDraft((before) => updateField(before, key, change));
      setFindings((before) =>
        without(
          before,
          Object.keys(change).map((option) => `fields.${key}.${option}`),
        ),
      );
    },
    discard: () => {
      setDraft(initial);
      setFindings({});
      setProblem(undefined);
    },
    preview,
    save,
  };
}

/**
 * The server counts fields and indexes as they were sent. Here fields have keys, which stay when they are moved, and the
 * draft may hold indexes that were left out.
 */
function byPlace(found: Findings, draft: Draft): Findings {
  const sent = readyToSave(draft);
  const fields = keptFields(sent);
  const entries = Object.entries(found).map(([path, finding]) => {
    const [, list, number, rest = ""] = /^(fields|indexes)\.(\d+)(.*)$/.exec(path) ?? [];
    const place = list === "fields" ? fields[Number(number)]?.key : placeOfIndex(Number(number), sent, draft);
    return [list === undefined || place === undefined ? path : `${list}.${place}${rest}`, finding] as const;
  });
  return Object.fromEntries(entries);
}

function placeOfIndex(number: number, sent: Draft, draft: Draft): number | undefined {
  const index = sent.collection.indexes?.[number];
  const place = index === undefined ? -1 : (draft.collection.indexes?.indexOf(index) ?? -1);
  return place < 0 ? undefined : place;
}

/** What was found is no longer true once the value has changed. */
function without(findings: Findings, paths: string[]): Findings {
  const entries = Object.entries(findings).filter(
    ([path]) => !paths.some((changed) => path === changed || path.startsWith(`${changed}.`)),
  );
  return Object.fromEntries(entries);
}
