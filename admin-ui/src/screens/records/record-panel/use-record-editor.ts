/** The state of the form: what was typed, sending it, and what arrives meanwhile. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { watchRecord } from "#api/live.ts";
import { createRecord, updateRecord } from "#api/record-writes.ts";
import { recordQuery } from "#api/records.ts";
import { signInAgain } from "#api/session.ts";
import type { Collection, Field, StoredRecord } from "#api/types.ts";
import { rememberStored, sentText, splitAtPictures } from "#fields/editor/pending-pictures.ts";
import { words } from "#words/words.ts";
import {
  change,
  copiedValues,
  type Draft,
  draftOf,
  formFields,
  isDirty,
  problemsOf,
  receive,
  revert,
  toChange,
  withTypedSince,
} from "./draft.ts";

type Saving = {
  isSaving: boolean /** Share of the upload, from 0 to 1, while there is one. */;
  progress: number | null;
};

/** The record as it is stored now. `isAll`: nothing was typed since it was sent. */
type Saved = { record: StoredRecord; isAll: boolean };

export type RecordEditor = {
  draft: Draft;
  fields: Field[];
  errors: Record<string, string>;
  /** What is wrong with the whole. */
  trouble: string | null;
  saving: Saving;
  /** Somebody else has deleted the record. */
  isGone: boolean;
  change: (field: Field, value: unknown) => void;
  revert: (field: Field) => void;
  revertAll: () => void;
  /** Gives nothing when it was refused. */
  save: () => Promise<Saved | null>;
  /** After somebody else has deleted it: goes on with the same values as a new record. */
  keepAsNew: () => void;
};

const IDLE: Saving = { isSaving: false, progress: null };

/** `start` is read once: a stored record to change, or what a new one begins with. */
export function useRecordEditor(collection: Collection, start: Draft, fresh: StoredRecord | undefined): RecordEditor {
  const cache = useQueryClient();
  const [draft, setDraft] = useState(start);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [trouble, setTrouble] = useState<string | null>(null);
  const [saving, setSaving] = useState(IDLE);
  const [isGone, setGone] = useState(false);
  const isBusy = useRef(false);
  const now = useRef(draft);
  now.current = draft;
  const id = draft.stored?.id;
  const fields = formFields(collection, id === undefined);

  const arrive = (record: StoredRecord) => setDraft((old) => (old.stored ? receive(old, fields, record) : old));
  const onArrive = useRef(arrive);
  onArrive.current = arrive;

  useEffect(() => {
    if (fresh && !isBusy.current) onArrive.current(fresh);
  }, [fresh]);

  useEffect(() => {
    if (id === undefined || collection.type === "view") return;
    return watchRecord(collection.name, id, ({ action, record }) => {
      if (action === "delete") setGone(true);
      // While this form is being sent, the answer has the last word.
      else if (!isBusy.current) onArrive.current(record);
    });
  }, [collection, id]);

  const forget = (field: Field) => {
    setErrors((old) => Object.fromEntries(Object.entries(old).filter(([name]) => name !== field.name)));
  };

  /** The inputs stay in use while the form is being sent. */
  const keepTyped = (saved: Draft, sent: Draft): Draft => {
    const next = withTypedSince(saved, sent, now.current, fields);
    setDraft(next);
    return next;
  };

  const save = async (): Promise<Saved | null> => {
    if (isBusy.current) return null;
    const problems = problemsOf(draft, fields);
    setErrors(problems);
    setTrouble(null);
    if (Object.keys(problems).length > 0) {
      setTrouble(words().recordPanel.checkFields);
      return null;
    }
    isBusy.current = true;
    setSaving({ isSaving: true, progress: null });
    const onProgress = (share: number) => setSaving({ isSaving: true, progress: share });
    try {
      const sent = toChange(draft, collection);
      const { now: atOnce, later } = splitAtPictures(sent, fields);
      let saved = id
        ? await updateRecord(collection.name, id, atOnce, onProgress)
        : await createRecord(collection.name, atOnce, onProgress);
      rememberStored(sent, saved);
      // A new password ends all sign-ins of the account, which may be one's own.
      if (typeof sent.values.password === "string") await signInAgain(saved, sent.values.password);
      // Texts whose pictures have an address only now. Refused, they stay typed over the record that is there already.
      const first = draftOf(saved, later);
      let next = keepTyped(first, draft);
      if (Object.keys(later).length > 0) {
        const texts = fields
          .filter(({ name }) => name in later)
          .map((field) => [field.name, sentText(later[field.name] ?? "", field)]);
        saved = await updateRecord(collection.name, saved.id, { values: Object.fromEntries(texts), files: {} });
        next = keepTyped(draftOf(saved), first);
      }
      cache.setQueryData(recordQuery(collection, saved.id).queryKey, (old) => ({ ...saved, expand: old?.expand }));
      await cache.invalidateQueries({ queryKey: keys.records(collection.name), refetchType: "active" });
      return { record: saved, isAll: !isDirty(next) };
    } catch (error) {
      const { message, fields: refused } = explain(error);
      setErrors(ownErrors(refused));
      setTrouble(troubleText(message, refused, fields));
      return null;
    } finally {
      isBusy.current = false;
      setSaving(IDLE);
    }
  };

  return {
    draft,
    fields,
    errors,
    trouble,
    saving,
    isGone,
    change: (field, value) => {
      forget(field);
      setDraft((old) => change(old, field, value));
    },
    revert: (field) => {
      forget(field);
      setDraft((old) => revert(old, field));
    },
    revertAll: () => {
      setErrors({});
      setTrouble(null);
      setDraft((old) => draftOf(old.stored));
    },
    save,
    keepAsNew: () => {
      setGone(false);
      setDraft((old) => draftOf(undefined, copiedValues(old, collection)));
    },
  };
}

/** The form has one box for a password. */
function ownErrors(refused: Record<string, string>): Record<string, string> {
  const { passwordConfirm, ...rest } = refused;
  return passwordConfirm && !rest.password ? { ...rest, password: passwordConfirm } : rest;
}

/** Errors of what the form does not show are told with the whole. */
function troubleText(message: string, refused: Record<string, string>, fields: Field[]): string {
  const shown = new Set([...fields.map(({ name }) => name), "passwordConfirm", "id"]);
  const others = Object.entries(refused).filter(([name]) => !shown.has(name));
  const isAtFields = Object.keys(refused).length > others.length;
  const lead = isAtFields ? words().recordPanel.checkFields : message;
  return [lead, ...others.map(([name, text]) => `${name}: ${text}`)].join(" ");
}
