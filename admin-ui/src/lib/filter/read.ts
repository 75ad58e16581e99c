/**
 * Reads a filter text back into conditions for drop-downs. A text that says more than they can show gives `null` and
 * is left as it is.
 */

import { dayBeginningAt } from "./days.ts";
import { type Condition, type FilterField, type Group, isGroup, namePaths, operatorsOf } from "./model.ts";
import { readNameFilter } from "./name-filter.ts";
import { type Comparison, parseFilter, type Tree } from "./syntax.ts";

type Fields = ReadonlyMap<string, FilterField>;

export function readFilter(text: string, fields: readonly FilterField[]): Group | null {
  if (text.trim() === "") return { join: "and", items: [] };
  const tree = parseFilter(text);
  if (!tree) return null;
  const item = readTree(tree, new Map(fields.map((field) => [field.name, field])));
  if (!item) return null;
  return isGroup(item) ? item : { join: "and", items: [item] };
}

function readTree(tree: Tree, fields: Fields): Condition | Group | null {
  const named = readName(tree, fields);
  if (named) return named;
  if (!("join" in tree)) return readComparison(tree, fields);
  const pair = readPair(tree, fields);
  if (pair) return pair;
  const items: (Condition | Group)[] = [];
  for (const part of tree.parts) {
    const item = readTree(part, fields);
    if (!item) return null;
    items.push(item);
  }
  return { join: tree.join, items };
}

function readComparison({ left, operator, right }: Comparison, fields: Fields): Condition | null {
  if (left.type !== "name") return null;
  const [path = "", modifier] = left.text.split(":");
  const [name = "", ...inner] = path.split(".");
  const field = fields.get(name);
  if (!field) return null;
  // Names of linked records were read before.
  const condition = inner.length > 0 ? null : readPlain(field, modifier, operator, right);
  return condition && operatorsOf(field).includes(condition.operator) ? condition : null;
}

type Right = Comparison["right"];

/** `customer.name ~ "x"`, or the like over several fields. */
function readName(tree: Tree, fields: Fields): Condition | null {
  const field = fields.get(firstPathOf(tree).split(".", 1)[0] ?? "");
  if (!field || !operatorsOf(field).includes("nameContains")) return null;
  const value = readNameFilter(tree, namePaths(field), field.kind === "relations" ? "?~" : "~");
  return value === null ? null : { field: field.name, operator: "nameContains", value };
}

function firstPathOf(tree: Tree): string {
  if (!("join" in tree)) return tree.left.type === "name" ? tree.left.text : "";
  const [first] = tree.parts;
  return first ? firstPathOf(first) : "";
}

function readPlain(field: FilterField, modifier: string | undefined, operator: string, right: Right): Condition | null {
  const { name, kind } = field;
  if (modifier === "length") return readLength(name, operator, right);
  if (modifier === "each") return readEach(name, operator, right);
  if (modifier !== undefined) return null;
  if (kind === "bool") return readBool(name, operator, right);
  if (right.type === "name") {
    const isNull = right.text.toLowerCase() === "null";
    return isNull ? emptiness(name, operator) : null;
  }
  if (right.type === "text" && right.text === "" && kind !== "number" && kind !== "json")
    return emptiness(name, operator);
  if (kind === "date") return readDate(field, operator, right);
  if (operator === "~" || operator === "!~") return readLike(name, operator, right);
  const found = COMPARED[operator];
  return found ? { field: name, operator: found, value: right.text } : null;
}

const COMPARED: Record<string, Condition["operator"]> = {
  "=": "is",
  "!=": "isNot",
  ">": "isAbove",
  ">=": "isAtLeast",
  "<": "isBelow",
  "<=": "isAtMost",
};

function emptiness(field: string, operator: string): Condition | null {
  if (operator === "=") return { field, operator: "isEmpty", value: "" };
  return operator === "!=" ? { field, operator: "isNotEmpty", value: "" } : null;
}

function readLength(field: string, operator: string, right: Right): Condition | null {
  if (right.type !== "number" || Number(right.text) !== 0) return null;
  if (operator === "=") return { field, operator: "isEmpty", value: "" };
  return operator === ">" || operator === "!=" ? { field, operator: "isNotEmpty", value: "" } : null;
}

function readEach(field: string, operator: string, right: Right): Condition | null {
  if (right.type === "name") return null;
  if (operator === "?=") return { field, operator: "has", value: right.text };
  return operator === "!=" ? { field, operator: "hasNot", value: right.text } : null;
}

function readBool(field: string, operator: string, right: Right): Condition | null {
  const word = right.text.toLowerCase();
  if (!(operator === "=" || operator === "!=") || !["true", "false"].includes(word)) return null;
  return { field, operator: (word === "true") === (operator === "=") ? "isYes" : "isNo", value: "" };
}

function readLike(field: string, operator: string, right: Right): Condition | null {
  const pattern = readPattern(right.text);
  if (!pattern) return null;
  if (operator === "~") return { field, ...pattern };
  return pattern.operator === "contains" ? { field, operator: "notContains", value: pattern.value } : null;
}

type Pattern = { operator: "contains" | "startsWith" | "endsWith"; value: string };

function readPattern(text: string): Pattern | null {
  const wildcards = [...text.matchAll(/\\[\s\S]|%/g)].filter(([sign]) => sign === "%").map(({ index }) => index);
  if (wildcards.length === 0) return { operator: "contains", value: text.replaceAll("\\%", "%") };
  if (wildcards.length > 1 || text.length < 2) return null;
  const isAtEnd = wildcards[0] === text.length - 1;
  if (!isAtEnd && wildcards[0] !== 0) return null;
  const inner = isAtEnd ? text.slice(0, -1) : text.slice(1);
  // Beside a `%`, an underscore stands for any character.
  if (/(?:^|[^\\])_/.test(inner.replace(/\\\\/g, ""))) return null;
  return { operator: isAtEnd ? "startsWith" : "endsWith", value: inner.replace(/\\([\\%_])/g, "$1") };
}

function readDate(field: FilterField, operator: string, right: Right): Condition | null {
  if (right.type !== "text" || operator !== ">=") return null;
  const day = dayBeginningAt(right.text, 1, field);
  return day ? { field: field.name, operator: "isAfter", value: day } : null;
}

/** Conditions that are written as two comparisons of one field. */
function readPair({ join, parts }: { join: "and" | "or"; parts: Tree[] }, fields: Fields): Condition | null {
  const [first, second] = parts;
  if (!first || !second || parts.length !== 2 || "join" in first || "join" in second) return null;
  if (first.left.type !== "name" || second.left.type !== "name") return null;
  const [name = "", part] = first.left.text.split(".");
  const field = fields.get(name);
  if (field?.kind === "place") return readPlace(field, join, part, first, second);
  if (field?.kind !== "date" || join !== "and" || first.left.text !== second.left.text || part) return null;
  const signs = `${first.operator} ${second.operator}`;
  if (signs === ">= <=") return readPeriod(field, `${first.right.text} ${second.right.text}`);
  if (first.right.type !== "text" || second.right.type !== "text") return null;
  if (signs === "!= <" && first.right.text === "") {
    const day = dayBeginningAt(second.right.text, 0, field);
    return day ? { field: name, operator: "isBefore", value: day } : null;
  }
  if (signs !== ">= <") return null;
  const day = dayBeginningAt(first.right.text, 0, field);
  const isThatDay = day !== null && dayBeginningAt(second.right.text, 1, field) === day;
  return isThatDay ? { field: name, operator: "isOn", value: day } : null;
}

function readPeriod({ name }: FilterField, bounds: string): Condition | null {
  switch (bounds) {
    case "@todayStart @todayEnd":
      return { field: name, operator: "isToday", value: "" };
    case "@monthStart @monthEnd":
      return { field: name, operator: "isThisMonth", value: "" };
    case "@yearStart @yearEnd":
      return { field: name, operator: "isThisYear", value: "" };
    default:
      return null;
  }
}

function readPlace(
  { name }: FilterField,
  join: string,
  part: string | undefined,
  first: Comparison,
  second: Comparison,
): Condition | null {
  const areZero = [first, second].every(({ right }) => right.type === "number" && Number(right.text) === 0);
  if (part !== "lon" || second.left.text !== `${name}.lat` || !areZero) return null;
  const signs = `${join} ${first.operator} ${second.operator}`;
  if (signs === "and = =") return { field: name, operator: "isEmpty", value: "" };
  return signs === "or != !=" ? { field: name, operator: "isNotEmpty", value: "" } : null;
}
