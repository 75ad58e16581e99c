import { expect, test } from "vitest";
import { columnEdges, columnWindow, MAX_HEIGHT_PX, rowWindow, scrollTopFor } from "./view-window.ts";

test("only rows near the sight are drawn, wherever one scrolls", () => {
  for (const rows of [1, 50, 100_000, 3_000_000]) {
    const view = { viewPx: 600, rowPx: 36, rows };
    const { heightPx } = rowWindow({ ...view, scrollTop: 0 });
    expect(heightPx).toBeLessThanOrEqual(MAX_HEIGHT_PX);
    const bottom = Math.max(0, heightPx - 600);
    for (const scrollTop of [0, bottom / 3, bottom]) {
      const { first, last, offsetPx } = rowWindow({ ...view, scrollTop });
      expect(last - first).toBeLessThan(45);
      // The drawn rows cover what is in sight.
      expect(offsetPx).toBeLessThanOrEqual(scrollTop + 1);
      expect(offsetPx + (last - first + 1) * 36).toBeGreaterThanOrEqual(Math.min(scrollTop + 600, heightPx) - 1);
    }
  }
});

test("the last row can be reached, also when the area is scaled", () => {
  for (const rows of [100_000, 3_000_000]) {
    const view = { viewPx: 600, rowPx: 36, rows, scrollTop: 0 };
    const scrollTop = scrollTopFor(rows - 1, view);
    expect(rowWindow({ ...view, scrollTop }).last).toBe(rows - 1);
    expect(scrollTopFor(rows - 1, { ...view, scrollTop })).toBeCloseTo(scrollTop);
    expect(scrollTopFor(0, { ...view, scrollTop })).toBe(0);
  }
});

test("columns in sight", () => {
  const edges = columnEdges([100, 100, 100, 100]);
  expect(edges).toEqual([0, 100, 200, 300, 400]);
  expect(columnWindow(edges, 0, 150)).toEqual({ first: 0, last: 1 });
  expect(columnWindow(edges, 100, 200)).toEqual({ first: 1, last: 1 });
  expect(columnWindow(edges, 350, 900)).toEqual({ first: 3, last: 3 });
});
