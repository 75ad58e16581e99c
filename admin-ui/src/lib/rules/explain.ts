/** Puts a rule into words. Which words, the caller says, so that every language can order them its own way. */

import { type Comparison, type Operand, parseRule, type Rule } from "./parse.ts";

/** The phrases of one language. */
export type RulePhrases = {
  and: (parts: string[]) => string;
  or: (parts: string[]) => string;
  /** A group inside another one. */
  group: (text: string) => string;
  signedIn: string;
  signedOut: string;
  isCaller: (field: string) => string;
  isNotCaller: (field: string) => string;
  includesCaller: (field: string) => string;
  /** By operator without the leading `?`. */
  compare: Record<string, (left: string, right: string) => string>;
  /** At least one of several values. */
  any: (phrase: string) => string;
  isEmpty: (left: string) => string;
  isFilled: (left: string) => string;
  isOn: (left: string) => string;
  isOff: (left: string) => string;
  wasSent: (field: string) => string;
  wasNotSent: (field: string) => string;
  changes: (field: string) => string;
  staysSame: (field: string) => string;
  callerId: string;
  callers: (field: string) => string;
  sent: (field: string) => string;
  queryParameter: (name: string) => string;
  header: (name: string) => string;
  method: string;
  context: string;
  elsewhere: (collection: string, field: string) => string;
  fieldOf: (field: string, relation: string) => string;
  countOf: (field: string) => string;
  eachOf: (field: string) => string;
  field: (name: string) => string;
  text: (value: string) => string;
  yes: string;
  no: string;
  nothing: string;
  macros: Record<string, string>;
};

/** Returns `null` when the rule is not well formed. */
export function explainRule(text: string, phrases: RulePhrases): string | null {
  const rule = parseRule(text);
  return rule && explain(rule, phrases);
}

function explain(rule: Rule, phrases: RulePhrases): string {
  if (rule.kind === "compare") return explainComparison(rule, phrases);
  const parts = rule.parts.map((part) => {
    const phrase = explain(part, phrases);
    return part.kind === "compare" ? phrase : phrases.group(phrase);
  });
  return rule.kind === "and" ? phrases.and(parts) : phrases.or(parts);
}

const MIRRORED: Record<string, string> = { "<": ">", ">": "<", "<=": ">=", ">=": "<=" };

function explainComparison(comparison: Comparison, phrases: RulePhrases): string {
  const { left, right } = comparison;
  const isAny = comparison.operator.startsWith("?");
  const operator = isAny ? comparison.operator.slice(1) : comparison.operator;
  const swapped = isConstant(left) && !isConstant(right) && !operator.endsWith("~");
  if (swapped) {
    return explainComparison(
      { ...comparison, left: right, right: left, operator: MIRRORED[operator] ?? operator },
      phrases,
    );
  }
  const known = knownPhrase(left, operator, right, phrases) ?? knownPhrase(right, operator, left, phrases);
  if (known) return known;
  const compare = phrases.compare[operator];
  const phrase = compare ? compare(say(left, phrases), say(right, phrases)) : "";
  return isAny ? phrases.any(phrase) : phrase;
}

/** The comparisons that most rules are made of have a sentence of their own. */
function knownPhrase(left: Operand, operator: string, right: Operand, phrases: RulePhrases): string | null {
  if (left.kind !== "name" || (operator !== "=" && operator !== "!=")) return null;
  const holds = operator === "=";
  if (left.name === "@request.auth.id") {
    if (isEmptyValue(right)) return holds ? phrases.signedOut : phrases.signedIn;
    if (right.kind === "name" && !right.name.startsWith("@")) return callerPhrase(right.name, holds, phrases);
    return null;
  }
  const [, field, modifier] = /^@request\.body\.([\w.]+):(isset|changed)$/.exec(left.name) ?? [];
  if (field && right.kind === "word" && right.word !== "null") {
    const isTrue = (right.word === "true") === holds;
    if (modifier === "isset") return isTrue ? phrases.wasSent(field) : phrases.wasNotSent(field);
    return isTrue ? phrases.changes(field) : phrases.staysSame(field);
  }
  if (isEmptyValue(right)) return holds ? phrases.isEmpty(say(left, phrases)) : phrases.isFilled(say(left, phrases));
  if (right.kind === "word" && right.word !== "null") {
    const isOn = (right.word === "true") === holds;
    return isOn ? phrases.isOn(say(left, phrases)) : phrases.isOff(say(left, phrases));
  }
  return null;
}

function callerPhrase(field: string, holds: boolean, phrases: RulePhrases): string {
  const [, list] = /^(.+)\.id$/.exec(field) ?? [];
  if (list && holds) return phrases.includesCaller(list);
  return holds ? phrases.isCaller(field) : phrases.isNotCaller(field);
}

function say(operand: Operand, phrases: RulePhrases): string {
  switch (operand.kind) {
    case "text":
      return operand.value === "" ? phrases.nothing : phrases.text(operand.value);
    case "number":
      return operand.text;
    case "word":
      return { true: phrases.yes, false: phrases.no, null: phrases.nothing }[operand.word];
    case "function":
      return `${operand.name}(${operand.args.map((arg) => say(arg, phrases)).join(", ")})`;
    case "name":
      return sayName(operand.name, phrases);
  }
}

function sayName(full: string, phrases: RulePhrases): string {
  const [name = "", modifier] = full.split(":", 2);
  // `@collection.team:alias.user` has a colon that is no modifier.
  if (full.startsWith("@collection.")) {
    const [, collection = "", field = ""] = /^@collection\.([^.]+)\.(.+)$/.exec(full) ?? [];
    return phrases.elsewhere(collection.split(":", 1)[0] ?? "", field);
  }
  const phrase = sayPath(name, phrases);
  if (modifier === "length") return phrases.countOf(phrase);
  return modifier === "each" ? phrases.eachOf(phrase) : phrase;
}

function sayPath(name: string, phrases: RulePhrases): string {
  if (name === "@request.auth.id") return phrases.callerId;
  if (name === "@request.method") return phrases.method;
  if (name === "@request.context") return phrases.context;
  const [, source, rest = ""] = /^@request\.(auth|body|query|headers)\.(.+)$/.exec(name) ?? [];
  if (source === "auth") return phrases.callers(rest);
  if (source === "body") return phrases.sent(rest);
  if (source === "query") return phrases.queryParameter(rest);
  if (source === "headers") return phrases.header(rest.replaceAll("_", "-"));
  if (name.startsWith("@")) return phrases.macros[name] ?? name;
  const dot = name.lastIndexOf(".");
  return dot < 0 ? phrases.field(name) : phrases.fieldOf(name.slice(dot + 1), name.slice(0, dot));
}

function isConstant(operand: Operand): boolean {
  return operand.kind === "text" || operand.kind === "number" || operand.kind === "word";
}

function isEmptyValue(operand: Operand): boolean {
  return (operand.kind === "text" && operand.value === "") || (operand.kind === "word" && operand.word === "null");
}
