/**
 * Which rows no longer stand where the sort order and the filter would put them, because they were changed since. The
 * server is asked for the ids of their pages; the rows stay where they are until somebody asks for the order again.
 */

import { fetchIds } from "#api/records.ts";
import type { Collection } from "#api/types.ts";
import { fieldsIn, isInPlace } from "#lib/grid/row-place.ts";
import type { RowCache } from "./row-cache.ts";
import type { Question } from "./use-rows.ts";

const LOOK_AFTER_MS = 400;
const NONE: ReadonlySet<string> = new Set();

export class RowOrder {
  /** Replaced when it changes. */
  misplaced: ReadonlySet<string> = NONE;
  readonly #cache: RowCache;
  readonly #onChange: () => void;
  #collection: Collection;
  #question: Question = { filter: "", sort: "" };
  #fields: ReadonlySet<string> = NONE;
  readonly #changed = new Set<string>();
  /** Counts how often the rows were loaded again: an answer about the rows of before is dropped. */
  #generation = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(cache: RowCache, collection: Collection, onChange: () => void) {
    this.#cache = cache;
    this.#collection = collection;
    this.#onChange = onChange;
  }

  setQuestion(collection: Collection, question: Question): void {
    this.#collection = collection;
    this.#question = question;
    this.#fields = fieldsIn(
      [question.filter, question.sort],
      collection.fields.map(({ name }) => name),
    );
    this.clear();
  }

  /** These fields of a record are others now. */
  noticed(id: string, fields: readonly string[]): void {
    if (!fields.some((field) => this.#fields.has(field))) return;
    this.#changed.add(id);
    this.#timer ??= setTimeout(() => void this.#look(), LOOK_AFTER_MS);
  }

  clear(): void {
    this.#generation += 1;
    this.#changed.clear();
    this.#set(NONE);
  }

  close(): void {
    this.#generation += 1;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    const [question, changed, generation] = [this.#question, [...this.#changed], this.#generation];
    this.#changed.clear();
    const misplaced = new Set(this.misplaced);
    const pages = new Map<number, string[]>();
    for (const id of changed) {
      const found = this.#cache.pageWith(id, question);
      if (!found) continue;
      const now = pages.get(found.page) ?? (await this.#idsNow(question, found.page));
      if (now === null || generation !== this.#generation) return;
      pages.set(found.page, now);
      if (isInPlace(id, found.ids, now)) misplaced.delete(id);
      else misplaced.add(id);
    }
    this.#set(misplaced);
  }

  /** `null` when the server does not answer: then nothing is said. */
  async #idsNow(question: Question, page: number): Promise<string[] | null> {
    return await fetchIds(this.#collection, { ...question, page }).catch(() => null);
  }

  #set(misplaced: ReadonlySet<string>): void {
    if (misplaced.size === 0 && this.misplaced.size === 0) return;
    this.misplaced = misplaced;
    this.#onChange();
  }
}
