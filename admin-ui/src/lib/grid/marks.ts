/** Cells that somebody else has just changed, for as long as they are marked. */

const NOTHING: ReadonlySet<string> = new Set();

export class Marks {
  readonly #fields = new Map<string, ReadonlySet<string>>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #shownForMs: number;

  constructor(shownForMs: number) {
    this.#shownForMs = shownForMs;
  }

  /** The same set until it changes. */
  of(key: string): ReadonlySet<string> {
    return this.#fields.get(key) ?? NOTHING;
  }

  mark(key: string, fields: readonly string[]): void {
    this.#fields.set(key, new Set([...this.of(key), ...fields]));
    this.#tell(key);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#fields.delete(key);
      this.#tell(key);
    }, this.#shownForMs);
    this.#timers.add(timer);
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

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #tell(key: string): void {
    for (const listener of this.#listeners.get(key) ?? []) listener();
  }
}

/** The fields whose values differ. */
export function changedFields(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  fields: readonly string[],
): string[] {
  return fields.filter((field) => !isSame(before[field], after[field]));
}

export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object") return false;
  return JSON.stringify(one) === JSON.stringify(other);
}
