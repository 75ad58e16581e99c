/**
 * Everything that changes records in the grid: it keeps what is not saved, remembers what can be undone, and takes in
 * what others change. One per collection; it outlives the screen while something is unsaved.
 */

import type { QueryClient } from "@tanstack/react-query";
import type { RowChange } from "#api/live-rows.ts";
import { deleteAll, deleteSoon } from "#api/pending-deletions.ts";
import { type Reference, restoreReference } from "#api/references.ts";
import { saveRows } from "#api/rows.ts";
import { settingsQuery } from "#api/settings.ts";
import type { Collection, StoredRecord } from "#api/types.ts";
import { emptyHistory, type History, remember, takeRedo, takeUndo, without } from "#lib/grid/history.ts";
import { changedFields, Marks } from "#lib/grid/marks.ts";
import { Unsaved, type Values } from "#lib/grid/unsaved.ts";
import { type HeldRow, hold, isHeld, release, type Texts } from "./held-texts.ts";
import { LinkedRecords } from "./linked-records.ts";
import { newValues, restorableValues } from "./restorable.ts";
import { RowCache, rowsInOne } from "./row-cache.ts";
import { RowKeys } from "./row-keys.ts";
import { RowNews } from "./row-news.ts";
import { RowOrder } from "./row-order.ts";
import type { CellChange, NewRow, Removal, RemovalListener, Step } from "./row-steps.ts";
import type { AddedRow, Question } from "./use-rows.ts";

/** Replaced whenever something in it changes. */
export type EditorState = {
  added: readonly AddedRow[];
  deleting: ReadonlySet<string>;
  /** Ids of records that belong elsewhere in the order, or fit the filter no longer. */
  misplaced: ReadonlySet<string>;
  canUndo: boolean;
  canRedo: boolean;
};

/** A browser opens six connections to a server, and the realtime channel needs one. */
const AT_ONCE = 4;
const MARKED_FOR_MS = 2_500;

export class RowEditor {
  readonly unsaved: Unsaved<StoredRecord>;
  readonly marks = new Marks(MARKED_FOR_MS);
  readonly links = new LinkedRecords();
  /** Set while an editor is open: rows do not move under somebody's hands. */
  isTyping = false;
  /** Set while the focus is in the grid: the order does not change by itself then. */
  isInUse = false;
  removals: RemovalListener | null = null;
  readonly #cache: RowCache;
  readonly #order: RowOrder;
  #collection: Collection;
  #history: History<Step> = emptyHistory();
  #state: EditorState = { added: [], deleting: new Set(), misplaced: new Set(), canUndo: false, canRedo: false };
  readonly #listeners = new Set<() => void>();
  readonly #keys = new RowKeys();
  readonly #news = new RowNews({
    isBusy: () => this.isTyping,
    isOthers: (id) => !this.#hasAdded(id),
    reload: () => void this.reload(),
  });

  constructor(cache: QueryClient, collection: Collection) {
    this.#collection = collection;
    this.#cache = new RowCache(cache, collection.name);
    this.#order = new RowOrder(this.#cache, collection, () => this.#showOrder());
    this.unsaved = new Unsaved({
      atOnce: AT_ONCE,
      rowsInOne: () => rowsInOne(cache),
      send: (rows) =>
        saveRows(
          this.#collection,
          rows.map(({ key, values, isNew }) => ({ id: isNew ? null : this.#keys.idOrKey(key), values })),
        ),
      onSaved: (key, record, isNew) => this.#take(key, record, isNew),
    });
    cache.prefetchQuery(settingsQuery());
  }

  state = (): EditorState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Fields may have been added or renamed. */
  setCollection(collection: Collection): void {
    this.#collection = collection;
  }

  /** What the rows are the answer to. */
  setQuestion(question: Question): void {
    this.#order.setQuestion(this.#collection, question);
  }

  write(changes: readonly CellChange[]): void {
    if (changes.length > 0) this.#do({ kind: "cells", changes: [...changes] });
  }

  /** Adds rows at the end, and gives their keys. */
  add(rows: readonly Values[]): string[] {
    const added = this.newRows(rows);
    this.#do({ kind: "added", rows: added });
    return added.map(({ key }) => key);
  }

  /** Keeps texts that are no values, with the reason. Without a key they begin a new row. */
  hold(key: string | null, texts: Texts): void {
    this.#do({ kind: "held", rows: [{ key: key ?? this.#keys.make(), texts, isNew: key === null }] });
  }

  /** Rows that were added here are among the others after a reload. */
  keyNow(key: string): string {
    if (this.#state.added.some((row) => row.key === key)) return key;
    return this.#keys.idOrKey(key);
  }

  newRows(rows: readonly Values[]): NewRow[] {
    return this.#keys.rows(rows);
  }

  /** Rows and cells in one step of undo. */
  perform(steps: Step[]): Step {
    const step: Step = { kind: "several", steps };
    if (steps.length > 0) this.#do(step);
    return step;
  }

  /** Hides the records. They are deleted when `carryOut` is called, and can be taken back in full until then. */
  remove(records: readonly StoredRecord[], references: Reference[]): void {
    this.#do({ kind: "deleted", removal: { records: [...records], references } });
  }

  /** Deletes what waits. Says why something could not be deleted. */
  async carryOut(removal: Removal): Promise<string | null> {
    const { pending, records } = removal;
    if (!pending?.isWaiting()) return null;
    const ids = records.map(({ id }) => id);
    this.#set({ deleting: new Set([...this.#state.deleting, ...ids]) });
    const { deleted, problem } = await pending.carryOut();
    this.#forget(deleted);
    await this.#cache.reloadEverything();
    pending.show();
    this.#endDeleting(ids);
    return problem;
  }

  /** Undoes this step, whatever was done after it. */
  async takeBack(step: Step): Promise<void> {
    const history = without(this.#history, step);
    // The history forgets old steps, but what waits can be taken back all the same.
    const isWaiting = step.kind === "deleted" && step.removal.pending?.isWaiting() === true;
    if (history) this.#setHistory(history);
    if (history || isWaiting) await this.#revert(step);
  }

  async undo(): Promise<Step | null> {
    const taken = takeUndo(this.#history);
    if (!taken) return null;
    this.#setHistory(taken.history);
    // Texts that were mended or discarded since leave nothing to undo.
    if (taken.step.kind === "held" && !taken.step.rows.some((row) => this.#isHeld(row))) return await this.undo();
    await this.#revert(taken.step);
    return taken.step;
  }

  async redo(): Promise<Step | null> {
    const taken = takeRedo(this.#history);
    if (!taken) return null;
    this.#setHistory(taken.history);
    await this.#apply(taken.step);
    return taken.step;
  }

  /** Forgets a row that was never saved. */
  discardRow(key: string): void {
    this.unsaved.discard(key);
    if (this.#keys.id(key) === undefined) this.#setAdded(this.#state.added.filter((row) => row.key !== key));
  }

  discardCell(key: string, field: string): void {
    this.unsaved.discard(key, field);
    if (!this.unsaved.row(key) && this.#keys.id(key) === undefined) this.discardRow(key);
  }

  /** Stops saving: what is not on its way to the server is thrown away. */
  cancel(): void {
    const dropped = new Set(this.unsaved.cancel());
    const isKept = ({ key, record }: AddedRow) => record !== null || !dropped.has(key) || this.unsaved.row(key);
    this.#setAdded(this.#state.added.filter(isKept));
  }

  takeLive({ action, record }: RowChange): void {
    if (action === "update") {
      const before = this.#cache.find(record.id);
      this.#replaceAdded(record);
      if (!before) return;
      const names = this.#collection.fields.map(({ name }) => name);
      const mine = this.unsaved.row(record.id)?.values ?? {};
      const changed = changedFields(before, record, names);
      const theirs = changed.filter((field) => !(field in mine));
      if (theirs.length > 0) this.marks.mark(record.id, theirs);
      this.#cache.put(record);
      this.#order.noticed(record.id, changed);
    } else if (action === "create" || !this.#state.deleting.has(record.id)) this.#news.add(record.id);
  }

  async reload(): Promise<void> {
    const saved = this.#state.added.filter(({ record }) => record !== null);
    await this.#cache.reload();
    this.#order.clear();
    this.#joinOthers(saved);
  }

  /** Rows that were added here may be in an answer that somebody else has asked for. */
  noticeAnswer(records: readonly StoredRecord[]): void {
    const ids = new Set(records.map(({ id }) => id));
    this.#joinOthers(this.#state.added.filter(({ record }) => record !== null && ids.has(record.id)));
  }

  /** After another question: what was added for the old one belongs to the new one only if it fits. */
  async settle(): Promise<void> {
    if (this.#state.added.some(({ record }) => record !== null)) await this.reload();
  }

  /** Returns whether it may be forgotten. */
  close(): boolean {
    if (this.unsaved.keys().length > 0) return false;
    this.#news.close();
    this.marks.close();
    this.#cache.close();
    this.#order.close();
    this.unsaved.close();
    return true;
  }

  #do(step: Step): void {
    this.#setHistory(remember(this.#history, step));
    void this.#apply(step);
  }

  async #apply(step: Step): Promise<void> {
    if (step.kind === "cells") this.#writeCells(step.changes, "after");
    else if (step.kind === "added") this.#addRows(step.rows);
    else if (step.kind === "deleted") this.#hide(step);
    else if (step.kind === "held") for (const row of step.rows) this.#hold(row);
    else for (const part of step.steps) await this.#apply(part);
  }

  async #revert(step: Step): Promise<void> {
    if (step.kind === "cells") this.#writeCells(step.changes, "before");
    else if (step.kind === "added") await this.#takeBack(step.rows);
    else if (step.kind === "deleted") await this.#bringBack(step.removal);
    else if (step.kind === "held") for (const row of step.rows) this.#release(row);
    else for (const part of [...step.steps].reverse()) await this.#revert(part);
  }

  #writeCells(changes: readonly CellChange[], side: "before" | "after"): void {
    const byRow = new Map<string, Values>();
    for (const change of changes) {
      const key = this.keyNow(change.key);
      byRow.set(key, { ...byRow.get(key), [change.field]: change[side] });
    }
    this.unsaved.changeAll([...byRow].map(([key, values]) => ({ key, values, isNew: this.#keys.isUnsaved(key) })));
  }

  #hold(row: HeldRow): void {
    const key = this.keyNow(row.key);
    const isUnsaved = this.#keys.isUnsaved(key);
    const isThere = this.#state.added.some((added) => added.key === key);
    if (row.isNew && isUnsaved && !isThere) this.#setAdded([...this.#state.added, { key, record: null }]);
    hold(this.unsaved, key, row, isUnsaved);
  }

  #isHeld(row: HeldRow): boolean {
    return isHeld(this.unsaved, this.keyNow(row.key), row);
  }

  #release(row: HeldRow): void {
    const key = this.keyNow(row.key);
    const bare = release(this.unsaved, key, row);
    const values = Object.keys(this.unsaved.row(key)?.values ?? {});
    const isAll = values.length === bare.length;
    if (row.isNew && this.#keys.isUnsaved(key) && isAll) this.discardRow(key);
    else for (const field of bare) this.discardCell(key, field);
  }

  #addRows(rows: readonly NewRow[]): void {
    this.#setAdded([...this.#state.added, ...rows.map(({ key }) => ({ key, record: null }))]);
    const changes = rows.map(({ key, values }) => {
      // The same id after an undo and a redo, so that later steps find their row.
      const id = this.#keys.id(key);
      this.#keys.forget(key);
      return { key, values: { ...newValues(this.#collection, id), ...values }, isNew: true };
    });
    this.unsaved.changeAll(changes);
  }

  async #takeBack(rows: readonly NewRow[]): Promise<void> {
    // A row that is under way to the server cannot be held back, only deleted again.
    if (rows.some(({ key }) => this.unsaved.row(key)?.isSending)) await this.#whenSaved();
    const saved: StoredRecord[] = [];
    for (const { key } of rows) {
      const id = this.#keys.id(key);
      const record = id === undefined ? undefined : this.#state.added.find((row) => row.key === key)?.record;
      this.unsaved.discard(key);
      if (record) saved.push(record);
      else if (id !== undefined) saved.push(this.#cache.find(id) ?? { id, collectionId: "", collectionName: "" });
    }
    const keys = new Set(rows.map(({ key }) => key));
    this.#setAdded(this.#state.added.filter(({ key }) => !keys.has(key)));
    if (saved.length > 0) await this.#delete(saved);
  }

  /** Without waiting. */
  async #delete(records: readonly StoredRecord[]): Promise<void> {
    const ids = records.map(({ id }) => id);
    this.#set({ deleting: new Set([...this.#state.deleting, ...ids]) });
    const { deleted } = await deleteAll(this.#collection, ids);
    this.#forget(deleted);
    await this.reload();
    this.#endDeleting(ids);
  }

  #hide(step: Step & { kind: "deleted" }): void {
    const { removal } = step;
    removal.pending = deleteSoon(
      this.#collection,
      removal.records.map(({ id }) => id),
    );
    if (this.removals) this.removals.onWaiting(step, removal);
    else void this.carryOut(removal);
  }

  async #bringBack(removal: Removal): Promise<void> {
    if (removal.pending?.isWaiting()) {
      removal.pending.undo();
      this.removals?.onTakenBack(removal);
      return;
    }
    const unlinked = removal.references.filter(({ field }) => !field.cascadeDelete);
    const lost = await this.#restore(removal.records, unlinked);
    this.removals?.onRemade(removal, lost);
  }

  #forget(ids: readonly string[]): void {
    const gone = new Set(ids);
    for (const id of gone) this.unsaved.discard(id);
    this.#setAdded(this.#state.added.filter(({ record }) => !record || !gone.has(record.id)));
  }

  #endDeleting(ids: readonly string[]): void {
    const done = new Set(ids);
    this.#set({ deleting: new Set([...this.#state.deleting].filter((id) => !done.has(id))) });
  }

  /** The rows come back at the end, with the ids they had. Says how many records have not got back their links to them. */
  async #restore(records: readonly StoredRecord[], references: readonly Reference[]): Promise<number> {
    const rows = records.map((record) => ({
      record,
      ...this.newRows([restorableValues(this.#collection, record)])[0],
    }));
    for (const { record, key } of rows) if (key) this.#keys.store(key, record.id);
    this.#addRows(rows.flatMap(({ key, values }) => (key && values ? [{ key, values }] : [])));
    await this.#whenSaved();
    let lost = 0;
    for (const reference of references) lost += await restoreReference(reference);
    await this.reload();
    return lost;
  }

  #whenSaved(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        const { unsaved, refused } = this.unsaved.progress();
        if (unsaved > refused) return;
        stop();
        resolve();
      };
      const stop = this.unsaved.subscribeToAll(look);
      look();
    });
  }

  #take(key: string, record: StoredRecord, isNew: boolean): void {
    if (isNew) {
      this.#keys.store(key, record.id);
      this.#cache.touchSums();
    }
    if (this.#state.added.some((row) => row.key === key)) {
      this.#setAdded(this.#state.added.map((row) => (row.key === key ? { key, record } : row)));
    } else {
      const before = this.#cache.find(record.id);
      this.#cache.put(record);
      const names = this.#collection.fields.map(({ name }) => name);
      if (before) this.#order.noticed(record.id, changedFields(before, record, names));
    }
  }

  /** Nobody is disturbed by a new order while nothing is being edited. */
  #showOrder(): void {
    const { misplaced } = this.#order;
    const isQuiet = !this.isInUse && !this.isTyping && this.unsaved.keys().length === 0;
    if (misplaced.size > 0 && isQuiet) void this.reload();
    else this.#set({ misplaced });
  }

  /** These rows are ordinary ones from now on. What is not saved of them is kept under their id. */
  #joinOthers(rows: readonly AddedRow[]): void {
    if (rows.length === 0) return;
    for (const { key, record } of rows) if (record) this.unsaved.move(key, record.id);
    const joined = new Set(rows.map(({ key }) => key));
    this.#setAdded(this.#state.added.filter(({ key }) => !joined.has(key)));
  }

  #replaceAdded(record: StoredRecord): void {
    if (!this.#hasAdded(record.id)) return;
    this.#setAdded(this.#state.added.map((row) => (row.record?.id === record.id ? { ...row, record } : row)));
  }

  #hasAdded(id: string): boolean {
    return this.#state.added.some(({ key, record }) => record?.id === id || this.unsaved.row(key)?.values.id === id);
  }

  #setHistory(history: History<Step>): void {
    this.#history = history;
    this.#set({ canUndo: history.done.length > 0, canRedo: history.undone.length > 0 });
  }

  #setAdded(added: readonly AddedRow[]): void {
    this.#set({ added });
  }

  #set(part: Partial<EditorState>): void {
    this.#state = { ...this.#state, ...part };
    for (const listener of this.#listeners) listener();
  }
}
