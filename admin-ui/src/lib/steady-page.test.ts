import { expect, test } from "vitest";
import { steadyPage } from "./steady-page.ts";

const page = (totalItems: number, ...ids: string[]) => ({ totalItems, items: ids.map((id) => ({ id, state: "old" })) });
const fresh = (totalItems: number, ...ids: string[]) => ({
  totalItems,
  items: ids.map((id) => ({ id, state: "new" })),
});

test("what is shown changes in place", () => {
  expect(steadyPage(page(2, "b", "a"), fresh(2, "b", "a"))).toEqual({ ...fresh(2, "b", "a"), waiting: 0 });
});

test("what is new waits, also when it pushes others from the page", () => {
  const steady = steadyPage(page(9, "c", "b", "a"), fresh(11, "e", "d", "c"));
  expect(steady.waiting).toBe(2);
  expect(steady.items).toEqual([
    { id: "c", state: "new" },
    { id: "b", state: "old" },
    { id: "a", state: "old" },
  ]);
});

test("items that leave a filter stay until the list is asked for", () => {
  expect(steadyPage(page(2, "b", "a"), fresh(1, "a"))).toMatchObject({
    waiting: -1,
    items: [{ id: "b" }, { id: "a" }],
  });
});

test("an empty page takes what comes", () => {
  expect(steadyPage(page(0), fresh(1, "a"))).toEqual({ ...fresh(1, "a"), waiting: 0 });
});
