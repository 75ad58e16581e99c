import { expect, test } from "vitest";
import { layoutDiagram, type PlacedBox } from "./diagram-layout.ts";

const overlaps = (a: PlacedBox, b: PlacedBox) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

test("every collection has a place of its own, also in circles and with links to nowhere", () => {
  const nodes = Array.from({ length: 40 }, (_, at) => ({
    id: `c${at}`,
    rows: at % 9,
    targets: at % 3 === 0 ? [`c${(at * 7 + 1) % 40}`, `c${at}`, "gone"] : [],
  }));
  const boxes = layoutDiagram(nodes);
  expect(boxes.map(({ id }) => id).toSorted()).toEqual(nodes.map(({ id }) => id).toSorted());
  for (const [at, box] of boxes.entries()) {
    for (const other of boxes.slice(at + 1)) expect(overlaps(box, other), `${box.id} and ${other.id}`).toBe(false);
  }
});

test("many collections without links fill a screen rather than a strip", () => {
  const boxes = layoutDiagram(Array.from({ length: 50 }, (_, at) => ({ id: `c${at}`, rows: 4, targets: [] })));
  const [right, bottom] = [Math.max(...boxes.map(({ x }) => x)), Math.max(...boxes.map(({ y }) => y))];
  expect(right / bottom).toBeGreaterThan(1);
  expect(right / bottom).toBeLessThan(4);
});

test("what is linked stands in neighbouring columns", () => {
  const boxes = layoutDiagram([
    { id: "orders", rows: 3, targets: ["customers"] },
    { id: "customers", rows: 3, targets: [] },
    { id: "notes", rows: 1, targets: [] },
  ]);
  const at = (id: string) => boxes.find((box) => box.id === id);
  expect(at("orders")?.x).not.toBe(at("customers")?.x);
  expect(at("orders")?.y).toBe(at("customers")?.y);
  expect(at("notes")?.y).toBeGreaterThan(at("orders")?.y ?? 0);
});
