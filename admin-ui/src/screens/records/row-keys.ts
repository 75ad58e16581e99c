/** Rows that are added in the grid have a key before they have an id, and keep it until they are among the others. */

import type { Values } from "#lib/grid/unsaved.ts";
import type { NewRow } from "./row-steps.ts";

export class RowKeys {
  readonly #ids = new Map<string, string>();
  #next = 1;

  make(): string {
    return `new:${this.#next++}`;
  }

  rows(values: readonly Values[]): NewRow[] {
    return values.map((one) => ({ key: this.make(), values: one }));
  }

  /** The id of a row that was added and stored. */
  id(key: string): string | undefined {
    return this.#ids.get(key);
  }

  /** The id of any row: others have it as their key. */
  idOrKey(key: string): string {
    return this.#ids.get(key) ?? key;
  }

  store(key: string, id: string): void {
    this.#ids.set(key, id);
  }

  forget(key: string): void {
    this.#ids.delete(key);
  }

  /** Whether there is no record of it yet. */
  isUnsaved(key: string): boolean {
    return key.startsWith("new:") && !this.#ids.has(key);
  }
}
