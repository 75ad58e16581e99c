/** The values in a body, each with the JSONPath that leads to it. */

export type Leaf = {
  path: string;
  /** Names on the way, without the places in lists. */
  names: string[];
  value: unknown;
  /** A list, or an object: of use to fields that keep structured data only. */
  isWhole: boolean;
};

/** More would be felt, and no drop-down shows them well. */
const MAX_LEAVES = 250;
const MAX_DEPTH = 16;
/** The server takes no longer ones. */
const MAX_PATH = 300;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** In the order of the body. A list is shown by itself and by its first item. */
export function leavesOf(body: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  const visit = (value: unknown, path: string, names: string[], depth: number) => {
    if (leaves.length >= MAX_LEAVES || path.length > MAX_PATH) return;
    const isWhole = typeof value === "object" && value !== null;
    if (!isWhole || path !== "$" || Array.isArray(value)) leaves.push({ path, names, value, isWhole });
    if (!isWhole || depth >= MAX_DEPTH) return;
    if (Array.isArray(value)) {
      if (value.length > 0) visit(value[0], `${path}[0]`, names, depth + 1);
      return;
    }
    for (const [name, inner] of Object.entries(value)) visit(inner, path + step(name), [...names, name], depth + 1);
  };
  visit(body, "$", [], 0);
  return leaves;
}

/** All items of the lists on the way in place of the first ones: for fields that take several values. */
export function everyItem(path: string): string {
  return path.replaceAll("[0]", "[*]");
}

/** The path as people read it. */
export function shortPath(path: string): string {
  return path.replace(/^\$\.?(?=.)/, "");
}

function step(name: string): string {
  if (NAME.test(name)) return `.${name}`;
  const quoted = JSON.stringify(name).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `['${quoted}']`;
}
