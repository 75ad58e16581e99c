/** Tells a filter from words to search for, where both are typed into one box. */

import { nearestName } from "./near.ts";
import { type Comparison, parseFilter, type Tree } from "./syntax.ts";

const FIRST_COMPARISON = /^[(\s]*([@A-Za-z_][\w.:@]*)\s*\??(?:!?[=~]|[<>]=?)/;
const FUNCTION = /^[(\s]*(?:geoDistance|strftime)\s*\(/;
const LITERALS = new Set(["true", "false", "null"]);

/**
 * A comparison is a filter when it begins with a field, be it a misspelt one or one in another letter case: `price > 5`,
 * `pirce >`. One with an unknown field is a filter when it compares with something that only filters have: `totl > 5`,
 * `city = 'Oslo'`. So `Smith = baker?` is a search for these words.
 */
export function looksLikeFilter(text: string, fields: readonly string[]): boolean {
  if (FUNCTION.test(text)) return true;
  const [, left = ""] = FIRST_COMPARISON.exec(text) ?? [];
  if (left !== "" && isNearlyKnown(left, fields)) return true;
  const tree = parseFilter(text);
  return tree !== null && comparisonsIn(tree).some((comparison) => isMeant(comparison, fields));
}

function comparisonsIn(tree: Tree): Comparison[] {
  return "join" in tree ? tree.parts.flatMap(comparisonsIn) : [tree];
}

function isMeant({ left, right }: Comparison, fields: readonly string[]): boolean {
  if ([left, right].some(({ type, text }) => type === "name" && isNearlyKnown(text, fields))) return true;
  if (left.type !== "name") return false;
  return right.type !== "name" || LITERALS.has(right.text.toLowerCase());
}

/** `author.name`, `title:lower` and `comments_via_post.text` begin with something known. */
function isNearlyKnown(path: string, fields: readonly string[]): boolean {
  if (path.startsWith("@")) return true;
  const first = path.split(/[.:]/, 1)[0] ?? "";
  return fields.includes(first) || first.includes("_via_") || nearestName(first, fields) !== undefined;
}
