/**
 * What was typed into a grid and is not saved yet. Changes to one record are put together; a few records are saved at a
 * time. What the server refuses stays, with the reason, until it is mended or thrown away.
 */

export type Values = Record<string, unknown>;

/** A text that cannot be read as a value of its field. It is shown, and not sent. */
export class Unread {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** `fields` says what is wrong with single values; `message` is about the whole. */
export type Refusal = { message: string; fields: Record<string, string> };

export type UnsavedRow = {
  /** What is shown instead of what the server has. */
  values: Values;
  /** Values that were refused: they are not sent again before they change, or somebody says so. */
  refused: Record<string, string>;
  /** Why the last attempt failed as a whole. */
  problem: string | null;
  isSending: boolean;
  /** There is no such record on the server yet. */
  isNew: boolean;
};

/** How an attempt ended. `later`: the server cannot be reached or asks to wait; the same is sent again then. */
export type Outcome<Saved> =
  | { status: "saved"; record: Saved }
  | { status: "refused"; refusal: Refusal }
  | { status: "later"; afterMs: number; message: string };

export type Progress = { unsaved: number; sending: number; refused: number; waiting: string | null };

/** What is sent of one record. */
export type Sent = { key: string; values: Values; isNew: boolean };

export type UnsavedOptions<Saved> = {
  /** Saves some records. The answer has one outcome for each, in their order. */
  send: (rows: Sent[]) => Promise<Outcome<Saved>[]>;
  onSaved: (key: string, record: Saved, isNew: boolean) => void;
  /** How many requests are under way at a time. */
  atOnce: number;
  /** How many records go into one request at most. */
  rowsInOne: () => number;
};

export class Unsaved<Saved> {
  readonly #options: UnsavedOptions<Saved>;
  readonly #rows = new Map<string, UnsavedRow>();
  readonly #queue = new Set<string>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #everywhere = new Set<() => void>();
  /** The new keys of rows that were moved while they were being sent. */
  readonly #moved = new Map<string, string>();
  #sending = 0;
  #waiting: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isCounted = true;
  #isTelling = false;
  #progress: Progress = { unsaved: 0, sending: 0, refused: 0, waiting: null };

  constructor(options: UnsavedOptions<Saved>) {
    this.#options = options;
  }

  row(key: string): UnsavedRow | undefined {
    return this.#rows.get(key);
  }

  keys(): string[] {
    return [...this.#rows.keys()];
  }

  /** The same object until something changes. */
  progress(): Progress {
    if (!this.#isCounted) this.#count();
    return this.#progress;
  }

  subscribe(key: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(key, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(key);
    };
  }

  subscribeToAll(listener: () => void): () => void {
    this.#everywhere.add(listener);
    return () => this.#everywhere.delete(listener);
  }

  change(key: string, values: Values, isNew = false): void {
    this.changeAll([{ key, values, isNew }]);
  }

  /** Changes of one act, which are sent together as far as they fit into one request. */
  changeAll(changes: readonly Sent[]): void {
    for (const { key, values, isNew } of changes) {
      const row = this.#rows.get(key);
      const refused = { ...row?.refused };
      for (const field of Object.keys(values)) delete refused[field];
      this.#put(key, {
        values: { ...row?.values, ...values },
        refused,
        problem: null,
        isSending: row?.isSending ?? false,
        isNew: row?.isNew ?? isNew,
      });
      this.#queue.add(key);
    }
    this.#work();
  }

  /** Keeps texts that could not be read, with the reason. The rest of the record is saved without them. */
  hold(key: string, texts: Record<string, { text: string; why: string }>, isNew = false): void {
    const row = this.#rows.get(key);
    const values = { ...row?.values };
    const refused = { ...row?.refused };
    for (const [field, { text, why }] of Object.entries(texts)) {
      values[field] = new Unread(text);
      refused[field] = why;
    }
    this.#put(key, { values, refused, problem: null, isSending: row?.isSending ?? false, isNew: row?.isNew ?? isNew });
    this.#tell();
  }

  /** Sends again what was refused. */
  retry(key: string): void {
    const row = this.#rows.get(key);
    if (!row) return;
    const refused = Object.entries(row.refused).filter(([field]) => row.values[field] instanceof Unread);
    this.#put(key, { ...row, refused: Object.fromEntries(refused), problem: null });
    this.#queue.add(key);
    this.#work();
  }

  /** Throws away one value, or all of a record's. What is on its way to the server cannot be held back any more. */
  discard(key: string, field?: string): void {
    const row = this.#rows.get(key);
    if (!row) return;
    const { [field ?? ""]: _, ...values } = row.values;
    const { [field ?? ""]: __, ...refused } = row.refused;
    const isEmpty = field === undefined || (Object.keys(values).length === 0 && !row.isNew);
    if (isEmpty) this.#remove(key);
    else {
      this.#put(key, { ...row, values, refused, problem: null });
      if (row.isNew) this.#queue.add(key);
    }
    this.#work();
  }

  /** What is not saved of one row is kept under another key from now on. What is there already stays. */
  move(from: string, to: string): void {
    const row = this.#rows.get(from);
    if (!row || from === to) return;
    const there = this.#rows.get(to);
    if (row.isSending) this.#moved.set(from, to);
    if (this.#queue.has(from)) this.#queue.add(to);
    this.#remove(from);
    this.#put(to, {
      ...row,
      ...there,
      values: { ...row.values, ...there?.values },
      refused: { ...row.refused, ...there?.refused },
      isSending: row.isSending || there?.isSending === true,
    });
    this.#work();
  }

  /** Throws away whatever is not on its way yet, and says of which records. */
  cancel(): string[] {
    const keys = [...this.#queue];
    for (const key of keys) {
      const row = this.#rows.get(key);
      if (row && !row.isSending) this.#remove(key);
      this.#queue.delete(key);
    }
    this.#tell();
    return keys;
  }

  /** Nothing is sent any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#queue.clear();
  }

  #work(): void {
    // While the server asks to wait, nothing is sent.
    while (this.#timer === undefined && this.#sending < this.#options.atOnce) {
      const rows = this.#takeNext();
      if (rows.length === 0) break;
      void this.#send(rows);
    }
    this.#tell();
  }

  /** Takes as many records out of the queue as fit into one request. */
  #takeNext(): Sent[] {
    const taken: Sent[] = [];
    const most = Math.max(1, this.#options.rowsInOne());
    for (const key of this.#queue) {
      if (taken.length >= most) break;
      const row = this.#rows.get(key);
      if (row?.isSending) continue;
      this.#queue.delete(key);
      const values = row ? sendable(row) : {};
      if (row && (row.isNew || Object.keys(values).length > 0)) taken.push({ key, values, isNew: row.isNew });
    }
    return taken;
  }

  async #send(rows: Sent[]): Promise<void> {
    this.#sending += 1;
    for (const { key } of rows) {
      const row = this.#rows.get(key);
      if (row) this.#put(key, { ...row, isSending: true, problem: null });
    }
    const outcomes = await this.#options.send(rows);
    this.#sending -= 1;
    rows.forEach(({ key: sentKey, values }, index) => {
      const outcome = outcomes[index];
      const key = this.#moved.get(sentKey) ?? sentKey;
      this.#moved.delete(sentKey);
      if (!outcome || outcome.status === "later") {
        this.#sendLater(key, outcome?.afterMs ?? 0, outcome?.message ?? "");
        return;
      }
      this.#waiting = null;
      if (outcome.status === "saved") this.#settle(key, values, outcome.record);
      else this.#refuse(key, values, outcome.refusal);
    });
    this.#work();
  }

  #sendLater(key: string, afterMs: number, message: string): void {
    const row = this.#rows.get(key);
    if (row) this.#put(key, { ...row, isSending: false });
    this.#queue.add(key);
    this.#waiting = message;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#work();
    }, afterMs);
    this.#tell();
  }

  #settle(key: string, sent: Values, record: Saved): void {
    const row = this.#rows.get(key);
    const wasNew = row?.isNew ?? false;
    if (row) {
      // What was typed while the request was under way is still to be saved.
      const left = Object.entries(row.values).filter(([field, value]) => !(field in sent) || sent[field] !== value);
      if (left.length === 0) this.#rows.delete(key);
      else this.#rows.set(key, { ...row, values: Object.fromEntries(left), isSending: false, isNew: false });
      const isWaiting = left.some(([field]) => !(field in row.refused));
      if (isWaiting) this.#queue.add(key);
    }
    this.#options.onSaved(key, record, wasNew);
    this.#tellRow(key);
  }

  #refuse(key: string, sent: Values, { message, fields }: Refusal): void {
    const row = this.#rows.get(key);
    if (!row) return;
    const named = Object.keys(fields).length > 0 ? fields : allRefused(sent, message);
    const refused = { ...row.refused };
    for (const [field, why] of Object.entries(named)) {
      // Something else has been typed there meanwhile.
      if (field in sent && row.values[field] !== sent[field]) continue;
      refused[field] = why;
    }
    this.#put(key, { ...row, refused, problem: message, isSending: false });
    // The values that nothing was said against are saved without the others. A new record is all or nothing.
    const isMoreToSave = Object.keys(row.values).some((field) => !(field in refused));
    const isOtherThanBefore = Object.keys(named).some((field) => field in sent) || hasChanged(row.values, sent);
    if (row.isNew ? hasChanged(row.values, sent) : isMoreToSave && isOtherThanBefore) this.#queue.add(key);
  }

  #put(key: string, row: UnsavedRow): void {
    this.#rows.set(key, row);
    this.#tellRow(key);
  }

  #remove(key: string): void {
    this.#rows.delete(key);
    this.#queue.delete(key);
    this.#tellRow(key);
  }

  #tellRow(key: string): void {
    for (const listener of this.#listeners.get(key) ?? []) listener();
  }

  /** A paste changes thousands of records in a row: they are counted and told once. */
  #tell(): void {
    this.#isCounted = false;
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      for (const listener of this.#everywhere) listener();
    });
  }

  #count(): void {
    let refused = 0;
    for (const row of this.#rows.values()) if (Object.keys(row.refused).length > 0 || row.problem) refused += 1;
    this.#progress = { unsaved: this.#rows.size, sending: this.#sending, refused, waiting: this.#waiting };
    this.#isCounted = true;
  }
}

/** A new record needs all its values; of an old one, those that were not refused. */
function sendable(row: UnsavedRow): Values {
  const isSent = ([field, value]: [string, unknown]) =>
    !(value instanceof Unread) && (row.isNew || !(field in row.refused));
  return Object.fromEntries(Object.entries(row.values).filter(isSent));
}

function hasChanged(values: Values, sent: Values): boolean {
  return Object.keys(values).some((field) => values[field] !== sent[field]);
}

function allRefused(sent: Values, message: string): Record<string, string> {
  return Object.fromEntries(Object.keys(sent).map((field) => [field, message]));
}
