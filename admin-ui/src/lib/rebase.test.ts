import { expect, test } from "vitest";
import { changedPart, isContested, rebase } from "./rebase.ts";

test("what was changed stays, the rest is as it is stored", () => {
  const base = { name: "Mint", tags: ["a"], mail: { host: "a.example", port: 25 } };
  const now = { name: "Sage", tags: ["a"], mail: { host: "a.example", port: 587 } };
  const stored = { name: "Dill", tags: ["a", "b"], mail: { host: "b.example", port: 25 } };
  expect(rebase(now, base, stored)).toEqual({
    name: "Sage",
    tags: ["a", "b"],
    mail: { host: "b.example", port: 587 },
  });
});

test("what was typed after a form was sent stays, also when it is what was there before", () => {
  const sent = { name: "Sage", note: "new", secret: "xyz" };
  const stored: Partial<typeof sent> = { name: "Sage", note: "new" };
  expect(rebase<typeof stored>(sent, sent, stored)).toEqual(stored);
  expect(rebase<typeof stored>({ ...sent, name: "Mint" }, sent, stored)).toEqual({ name: "Mint", note: "new" });
});

test("keys are added and removed on both sides", () => {
  type Group = { [key: string]: number };
  expect(rebase<Group>({ a: 1, mine: 2 }, { a: 1, b: 1, c: 1 }, { a: 1, b: 1, theirs: 3 })).toEqual({
    a: 1,
    theirs: 3,
    mine: 2,
  });
});

test("a map is compared as an object, because its entries are not seen as keys", () => {
  const sent = { sources: new Map([["a", "1"]]) };
  const typed = { sources: new Map([["b", "2"]]) };
  const stored = { sources: new Map([["a", "3"]]) };
  expect(rebase(sent, sent, stored).sources).toBe(stored.sources);
  expect(rebase(typed, sent, stored).sources).toBe(typed.sources);
});

test("a value is contested when both changed it, and not to the same", () => {
  const base = { title: "a", size: { min: 1, max: 2 } };
  const mine = { title: "b", size: { min: 0, max: 2 } };
  expect(isContested(mine, base, { title: "a", size: { min: 1, max: 9 } })).toBe(false);
  expect(isContested(mine, base, { title: "b", size: { min: 1, max: 2 } })).toBe(false);
  expect(isContested(mine, base, { title: "a", size: { min: 5, max: 2 } })).toBe(true);
  expect(isContested(undefined, "text", "other")).toBe(true);
});

test("only the values that differ are sent", () => {
  const stored = { meta: { name: "Shop", url: "x" }, ips: ["1"], smtp: { port: 25 } };
  expect(changedPart({ ...stored, meta: { name: "Bakery", url: "x" }, ips: ["1", "2"] }, stored)).toEqual({
    meta: { name: "Bakery" },
    ips: ["1", "2"],
  });
  expect(changedPart({ ...stored }, stored)).toEqual({});
});
