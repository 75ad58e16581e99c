/** Places collections on a plane so that links between them are short: linked ones in columns, the others below. */

export type DiagramNode = { id: string; rows: number; targets: readonly string[] };

export type PlacedBox = { id: string; x: number; y: number; width: number; height: number };

const BOX_WIDTH = 216;
export const HEAD_HEIGHT = 40;
export const ROW_HEIGHT = 24;
const PADDING = 8;
const COLUMN_GAP = 96;
const ROW_GAP = 32;
/** At least so many boxes without links stand side by side. */
const MIN_LONERS_PER_ROW = 4;
/** Columns longer than this continue in another one. */
const MAX_COLUMN_HEIGHT = 1200;

export function layoutDiagram(nodes: readonly DiagramNode[]): PlacedBox[] {
  const neighbours = neighboursOf(nodes);
  const linked = nodes.filter(({ id }) => (neighbours.get(id)?.size ?? 0) > 0);
  const loners = nodes.filter(({ id }) => (neighbours.get(id)?.size ?? 0) === 0);
  const boxes: PlacedBox[] = [];
  let x = 0;
  for (const column of columnsOf(linked, neighbours)) {
    let y = 0;
    for (const node of ordered(column, boxes, neighbours)) {
      const height = heightOf(node);
      if (y > 0 && y + height > MAX_COLUMN_HEIGHT) {
        x += BOX_WIDTH + COLUMN_GAP / 2;
        y = 0;
      }
      boxes.push({ id: node.id, x, y, width: BOX_WIDTH, height });
      y += height + ROW_GAP;
    }
    x += BOX_WIDTH + COLUMN_GAP;
  }
  return [...boxes, ...placeLoners(loners, bottomOf(boxes))];
}

function heightOf({ rows }: DiagramNode): number {
  return HEAD_HEIGHT + rows * ROW_HEIGHT + PADDING;
}

function neighboursOf(nodes: readonly DiagramNode[]): Map<string, Set<string>> {
  const neighbours = new Map(nodes.map(({ id }) => [id, new Set<string>()]));
  for (const { id, targets } of nodes) {
    for (const target of targets) {
      if (target === id || !neighbours.has(target)) continue;
      neighbours.get(id)?.add(target);
      neighbours.get(target)?.add(id);
    }
  }
  return neighbours;
}

/** Breadth first from the best linked node of each group, so that a link mostly leads to the next column. */
function columnsOf(nodes: readonly DiagramNode[], neighbours: Map<string, Set<string>>): DiagramNode[][] {
  const degree = ({ id }: DiagramNode) => neighbours.get(id)?.size ?? 0;
  const starts = nodes.toSorted((a, b) => degree(b) - degree(a));
  const depth = new Map<string, number>();
  for (const start of starts) {
    if (depth.has(start.id)) continue;
    depth.set(start.id, 0);
    const queue = [start.id];
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      for (const next of neighbours.get(id) ?? []) {
        if (depth.has(next)) continue;
        depth.set(next, (depth.get(id) ?? 0) + 1);
        queue.push(next);
      }
    }
  }
  const columns: DiagramNode[][] = [];
  for (const node of nodes) {
    const at = depth.get(node.id) ?? 0;
    columns[at] = [...(columns[at] ?? []), node];
  }
  return columns;
}

/** Each node near the middle of what it is linked to in the columns before. */
function ordered(column: DiagramNode[], placed: PlacedBox[], neighbours: Map<string, Set<string>>): DiagramNode[] {
  const middle = ({ id }: DiagramNode) => {
    const linked = placed.filter((box) => neighbours.get(id)?.has(box.id));
    return linked.length === 0 ? 0 : linked.reduce((sum, box) => sum + box.y, 0) / linked.length;
  };
  return column.toSorted((a, b) => middle(a) - middle(b));
}

function placeLoners(loners: DiagramNode[], top: number): PlacedBox[] {
  const boxes: PlacedBox[] = [];
  // About as wide for its height as a screen is.
  const perRow = Math.max(MIN_LONERS_PER_ROW, Math.ceil(Math.sqrt(loners.length * 1.5)));
  let y = top;
  for (let at = 0; at < loners.length; at += perRow) {
    const row = loners.slice(at, at + perRow);
    row.forEach((node, place) => {
      const x = place * (BOX_WIDTH + COLUMN_GAP / 2);
      boxes.push({ id: node.id, x, y, width: BOX_WIDTH, height: heightOf(node) });
    });
    y += Math.max(...row.map(heightOf)) + ROW_GAP;
  }
  return boxes;
}

function bottomOf(boxes: PlacedBox[]): number {
  return boxes.length === 0 ? 0 : Math.max(...boxes.map(({ y, height }) => y + height)) + ROW_GAP * 2;
}
