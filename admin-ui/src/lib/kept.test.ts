import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keep, readKept } from "./kept.ts";

function fakeStorage(): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}

beforeEach(() => {
  vi.stubGlobal("localStorage", fakeStorage());
  vi.stubGlobal("sessionStorage", fakeStorage());
});
afterEach(() => vi.unstubAllGlobals());

test("a value is found again where it was kept, until it is removed", () => {
  keep("a", { b: ["ü"] });
  keep("a", "of the window", "window");
  expect([readKept("a"), readKept("a", "window"), readKept("c")]).toEqual([{ b: ["ü"] }, "of the window", undefined]);
  keep("a", undefined);
  expect([readKept("a"), readKept("a", "window")]).toEqual([undefined, "of the window"]);
});

test("a storage that is full, forbidden or holds something else breaks nothing", () => {
  localStorage.setItem("a", "no JSON {");
  expect(readKept("a")).toBeUndefined();
  vi.stubGlobal("localStorage", {
    getItem: () => {
      throw new DOMException("denied", "SecurityError");
    },
    setItem: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
  });
  expect(() => keep("a", 1)).not.toThrow();
  expect(readKept("a")).toBeUndefined();
});
