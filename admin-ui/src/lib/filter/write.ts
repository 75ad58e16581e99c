/** Writes a filter built from drop-downs as the server's filter text. `read.ts` is its counterpart. */

import { dayEnd, dayStart } from "./days.ts";
import { escapePercent, quote } from "./literal.ts";
import { type Condition, type FilterField, type Group, isComplete, isGroup, namePaths } from "./model.ts";
import { nameFilter } from "./name-filter.ts";

export function writeFilter(group: Group, fields: readonly FilterField[]): string {
  const byName = new Map(fields.map((field) => [field.name, field]));
  return writeGroup(group, byName);
}

function writeGroup({ join, items }: Group, fields: ReadonlyMap<string, FilterField>): string {
  const parts = items.map((item) => {
    if (!isGroup(item)) return writeItem(item, fields);
    const text = writeGroup(item, fields);
    return text === "" ? "" : `(${text})`;
  });
  return parts.filter((part) => part !== "").join(join === "and" ? " && " : " || ");
}

function writeItem(condition: Condition, fields: ReadonlyMap<string, FilterField>): string {
  const field = fields.get(condition.field);
  return field && isComplete(condition) ? writeCondition(condition, field) : "";
}

function writeCondition({ operator, value }: Condition, field: FilterField): string {
  const { name, kind } = field;
  const literal = kind === "number" ? plainNumber(value) : quote(value);
  switch (operator) {
    case "contains":
      return `${name} ~ ${quote(escapePercent(value))}`;
    case "notContains":
      return `${name} !~ ${quote(escapePercent(value))}`;
    case "startsWith":
      return `${name} ~ ${quote(`${escapePattern(value)}%`)}`;
    case "endsWith":
      return `${name} ~ ${quote(`%${escapePattern(value)}`)}`;
    case "nameContains":
      return nameFilter(namePaths(field), kind === "relations" ? "?~" : "~", value);
    case "is":
      return `${name} = ${literal}`;
    case "isNot":
      return `${name} != ${literal}`;
    case "isAbove":
      return `${name} > ${literal}`;
    case "isAtLeast":
      return `${name} >= ${literal}`;
    case "isBelow":
      return `${name} < ${literal}`;
    case "isAtMost":
      return `${name} <= ${literal}`;
    case "isYes":
      return `${name} = true`;
    case "isNo":
      return `${name} = false`;
    case "has":
      return `${name}:each ?= ${literal}`;
    case "hasNot":
      return `${name}:each != ${literal}`;
    case "isEmpty":
      return isEmpty(field, "=");
    case "isNotEmpty":
      return isEmpty(field, "!=");
    default:
      return writeDate(operator, value, field);
  }
}

function writeDate(operator: string, value: string, field: FilterField): string {
  const { name } = field;
  const between = (from: string, to: string) => `(${name} >= ${from} && ${name} <= ${to})`;
  switch (operator) {
    case "isOn":
      return `(${name} >= ${quote(dayStart(value, field))} && ${name} < ${quote(dayEnd(value, field))})`;
    case "isBefore":
      return `(${name} != "" && ${name} < ${quote(dayStart(value, field))})`;
    case "isAfter":
      return `${name} >= ${quote(dayEnd(value, field))}`;
    case "isToday":
      return between("@todayStart", "@todayEnd");
    case "isThisMonth":
      return between("@monthStart", "@monthEnd");
    default:
      return between("@yearStart", "@yearEnd");
  }
}

function isEmpty({ name, kind }: FilterField, operator: "=" | "!="): string {
  switch (kind) {
    case "choices":
    case "relations":
    case "files":
      return operator === "=" ? `${name}:length = 0` : `${name}:length > 0`;
    case "json":
      return `${name} ${operator} null`;
    case "place":
      return operator === "=" ? `(${name}.lon = 0 && ${name}.lat = 0)` : `(${name}.lon != 0 || ${name}.lat != 0)`;
    default:
      return `${name} ${operator} ""`;
  }
}

function plainNumber(value: string): string {
  const number = Number(value);
  if (!Number.isFinite(number)) return quote(value);
  const text = String(number);
  // The filter language has no exponents.
  return /e/i.test(text) ? number.toLocaleString("en", { useGrouping: false, maximumFractionDigits: 20 }) : text;
}

function escapePattern(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
