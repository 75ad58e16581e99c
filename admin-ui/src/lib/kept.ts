/**
 * Values that the browser keeps, as JSON: in this browser, or in this window only. A storage that is full or forbidden
 * keeps nothing, and nothing else breaks.
 */

export type Keeper = "browser" | "window";

/** Returns what was kept under the key, or undefined. Anything may stand there: the reader checks it. */
export function readKept(key: string, keeper: Keeper = "browser"): unknown {
  try {
    return JSON.parse(storageOf(keeper).getItem(key) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

/** Replaces what is kept under the key; `undefined` removes it. */
export function keep(key: string, value: unknown, keeper: Keeper = "browser"): void {
  try {
    if (value === undefined) storageOf(keeper).removeItem(key);
    else storageOf(keeper).setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden.
  }
}

function storageOf(keeper: Keeper): Storage {
  return keeper === "browser" ? localStorage : sessionStorage;
}
