/**
 * Looks for a record by what it is called. Where a name stands in several fields, as first and last name do, each word
 * has to be in one of them, in any order, so that the name can be typed as cells show it.
 */

import { escapePercent, quote, readContained } from "./literal.ts";
import type { Comparison, Tree } from "./syntax.ts";

/** More words than this are looked for as one. */
const MAX_WORDS = 6;

/** `operator` is `?~` where a path goes through several links. */
export function nameFilter(paths: readonly string[], operator: "~" | "?~", name: string): string {
  const parts = wordsOf(paths, name).map((word) => {
    const value = quote(escapePercent(word));
    const comparisons = paths.map((path) => `${path} ${operator} ${value}`).join(" || ");
    return paths.length > 1 ? `(${comparisons})` : comparisons;
  });
  return parts.length > 1 ? `(${parts.join(" && ")})` : (parts[0] ?? "");
}

function wordsOf(paths: readonly string[], name: string): string[] {
  // Cells show a dot between fields.
  const words = name.split(/[\s·]+/).filter((word) => word !== "");
  return paths.length > 1 && words.length > 0 && words.length <= MAX_WORDS ? words : [name];
}

/** The name that was looked for, or `null` where the tree says something else. */
export function readNameFilter(tree: Tree, paths: readonly string[], operator: "~" | "?~"): string | null {
  const word = readWord(tree, paths, operator);
  if (word !== null) return word;
  if (!("join" in tree) || tree.join !== "and" || paths.length < 2) return null;
  const words = tree.parts.map((part) => readWord(part, paths, operator));
  return words.every((word) => word !== null) ? words.join(" ") : null;
}

/** The same text in one field after the other. */
function readWord(tree: Tree, paths: readonly string[], operator: string): string | null {
  const comparisons = "join" in tree ? (tree.join === "or" ? tree.parts : []) : [tree];
  if (comparisons.length !== paths.length) return null;
  const texts = comparisons.map((part, index) => readContains(part, paths[index], operator));
  const [first = null] = texts;
  return texts.every((text) => text === first) ? first : null;
}

function readContains(tree: Tree, path: string | undefined, operator: string): string | null {
  if ("join" in tree) return null;
  const { left, right }: Comparison = tree;
  if (left.type !== "name" || left.text !== path || tree.operator !== operator || right.type !== "text") return null;
  return readContained(right.text);
}
