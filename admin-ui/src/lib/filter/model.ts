/** A filter as a person builds it from drop-downs: conditions in words, joined by "and" or "or", in groups. */

/** What decides which conditions there are for a field. */
export type FilterKind =
  | "text"
  | "number"
  | "bool"
  | "date"
  | "choice"
  | "choices"
  | "relation"
  | "relations"
  | "file"
  | "files"
  | "json"
  | "place";

export type FilterField = {
  name: string;
  kind: FilterKind;
  /** Relations: the fields of the other collection that say what a record is called. */
  nameFields?: readonly string[];
  /** Dates: its values are days without a time, which are kept as midnight UTC. */
  isDayOnly?: boolean;
};

export type Operator =
  | "contains"
  | "notContains"
  | "is"
  | "isNot"
  | "startsWith"
  | "endsWith"
  | "isEmpty"
  | "isNotEmpty"
  | "isAbove"
  | "isAtLeast"
  | "isBelow"
  | "isAtMost"
  | "isYes"
  | "isNo"
  | "isOn"
  | "isBefore"
  | "isAfter"
  | "isToday"
  | "isThisMonth"
  | "isThisYear"
  | "has"
  | "hasNot"
  | "nameContains";

export type Condition = { field: string; operator: Operator; value: string };
export type Group = { join: "and" | "or"; items: (Condition | Group)[] };

export function isGroup(item: Condition | Group): item is Group {
  return "join" in item;
}

const OPERATORS: Record<FilterKind, readonly Operator[]> = {
  text: ["contains", "notContains", "is", "isNot", "startsWith", "endsWith", "isEmpty", "isNotEmpty"],
  number: ["is", "isNot", "isAbove", "isAtLeast", "isBelow", "isAtMost"],
  bool: ["isYes", "isNo"],
  date: ["isOn", "isBefore", "isAfter", "isToday", "isThisMonth", "isThisYear", "isEmpty", "isNotEmpty"],
  choice: ["is", "isNot", "isEmpty", "isNotEmpty"],
  choices: ["has", "hasNot", "isEmpty", "isNotEmpty"],
  relation: ["nameContains", "is", "isNot", "isEmpty", "isNotEmpty"],
  relations: ["nameContains", "has", "hasNot", "isEmpty", "isNotEmpty"],
  file: ["isEmpty", "isNotEmpty"],
  files: ["isEmpty", "isNotEmpty"],
  json: ["contains", "notContains", "isEmpty", "isNotEmpty"],
  place: ["isEmpty", "isNotEmpty"],
};

export function operatorsOf({ kind, nameFields = [] }: FilterField): readonly Operator[] {
  const operators = OPERATORS[kind];
  return nameFields.length === 0 ? operators.filter((operator) => operator !== "nameContains") : operators;
}

/** Where the name of a linked record stands. */
export function namePaths({ name, nameFields = [] }: FilterField): string[] {
  return nameFields.map((field) => `${name}.${field}`);
}

const WITHOUT_VALUE = new Set<Operator>([
  "isEmpty",
  "isNotEmpty",
  "isYes",
  "isNo",
  "isToday",
  "isThisMonth",
  "isThisYear",
]);

export function needsValue(operator: Operator): boolean {
  return !WITHOUT_VALUE.has(operator);
}

/** A condition that is still being filled in does not filter. */
export function isComplete({ operator, value }: Condition): boolean {
  return !needsValue(operator) || value !== "";
}

export function countConditions(group: Group): number {
  return group.items.reduce((sum, item) => sum + (isGroup(item) ? countConditions(item) : 1), 0);
}
