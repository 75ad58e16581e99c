/** The state of the editor: the draft, what the server found wrong with it, and how it is saved. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { type Findings, findingsOf, sentencesBelow } from "#api/findings.ts";
import { keys } from "#api/keys.ts";
import { createCollection, previewCollection, type SchemaPreview, updateCollection } from "#api/schema.ts";
import type { Collection, Field } from "#api/types.ts";
import { flattenErrors } from "#lib/schema/flat-errors.ts";
import { changesOf, type Draft, isChanged, keptFields, readyToSave, setKeys, updateField } from "./draft.ts";

export type Editor = {
  draft: Draft;
  isChanged: boolean;
  isSaving: boolean;
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
  /** What saving would do. Throws what the server refuses. */
  preview: () => Promise<SchemaPreview>;
  /** Resolves to nothing when the server refuses. */
  save: () => Promise<Collection | undefined>;
};

export function useEditor(initial: Draft): Editor {
  const cache = useQueryClient();
  const [draft, setDraft] = useState(initial);
  const [findings, setFindings] = useState<Findings>({});
  const [problem, setProblem] = useState<string>();
  const [isSaving, setSaving] = useState(false);

  const refuse = (found: Findings, message: string, sent: Draft) => {
    setFindings(byPlace(found, sent, draft));
    setProblem(message);
  };
  const preview = async () => {
    const ready = readyToSave(draft);
    const answer = await previewCollection(ready.stored?.id, changesOf(ready));
    setFindings(answer.error ? byPlace(flattenErrors(answer.error.data), ready, draft) : {});
    setProblem(answer.error && answer.collections.length === 0 ? answer.error.message : undefined);
    return answer;
  };
  const save = async () => {
    const ready = readyToSave(draft);
    setSaving(true);
    try {
      const body = changesOf(ready);
      const saved = ready.stored ? await updateCollection(ready.stored.id, body) : await createCollection(body);
      setFindings({});
      setProblem(undefined);
      await cache.invalidateQueries({ queryKey: keys.collections() });
      cache.invalidateQueries({ queryKey: keys.records(saved.name) });
      return saved;
    } catch (error) {
      refuse(findingsOf(error), explain(error).message, ready);
      return undefined;
    } finally {
      setSaving(false);
    }
  };
  return {
    draft,
    isChanged: isChanged(draft),
    isSaving,
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
    preview: () =>
      preview().catch((error) => {
        refuse(findingsOf(error), explain(error).message, readyToSave(draft));
        throw error;
      }),
    save,
  };
}

/**
 * The server counts fields and indexes as they were sent. Here fields have keys, which stay when they are moved, and the
 * draft may hold indexes that were left out.
 */
function byPlace(found: Findings, sent: Draft, draft: Draft): Findings {
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
