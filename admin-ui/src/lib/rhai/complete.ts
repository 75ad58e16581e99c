/**
 * What may stand at a place in a script: functions, members of what scripts are given, collections and their fields. The
 * functions are those of the reference in the guide.
 */

import reference from "virtual:script-reference";

export type RhaiWord = {
  label: string;
  kind: "function" | "property" | "keyword" | "class";
  /** The parameters of a function. */
  detail?: string;
  /** What it does. */
  info?: string;
};

export type RhaiSurroundings = {
  collections: readonly { name: string; fields: readonly { name: string; type: string }[] }[];
  /** Whether the functions of tests are there. */
  isTest?: boolean;
};

const KEYWORDS =
  "let const if else while loop for in break continue return throw try catch fn import as switch true false print"
    .split(" ")
    .map((label): RhaiWord => ({ label, kind: "keyword" }));

const IN_TESTS = "In tests";
const GLOBALS = reference.filter(({ owner, section }) => owner === "" && section !== IN_TESTS).map(wordOf);
const TEST_FUNCTIONS = reference.filter(({ section }) => section === IN_TESTS).map(wordOf);
/** What has a heading of its own, such as `db`. */
const OBJECTS = [...new Set(reference.map(({ owner }) => owner))]
  .filter((owner) => owner !== "" && reference.some(({ section }) => section.split(/[ ,]/)[0] === owner))
  .map((label): RhaiWord => ({ label, kind: "class" }));

/** Functions whose first parameter names a collection, and those of `db`. */
const NAMED_COLLECTION = new RegExp(
  `(?:\\b(?:${takingFirst("", "collections").join("|")})\\(\\s*\\[?(?:\\s*"\\w*"\\s*,)*` +
    `|\\bdb\\.(?:${takingFirst("db", "collection").join("|")})\\()\\s*"(\\w*)$`,
);

function takingFirst(ofOwner: string, parameter: string): string[] {
  return reference
    .filter(({ owner, calls }) => owner === ofOwner && calls.some((call) => call.split(",")[0] === parameter))
    .map(({ name }) => name);
}

export function completeRhai(text: string, position: number, { collections, isTest = false }: RhaiSurroundings) {
  const before = text.slice(text.lastIndexOf("\n", position - 1) + 1, position);
  const collection = NAMED_COLLECTION.exec(before);
  if (collection) {
    const options = collections.map(({ name }): RhaiWord => ({ label: name, kind: "class" }));
    return { from: position - (collection[1]?.length ?? 0), options };
  }
  if (isInTextOrComment(before)) return null;
  const path = /((?:\w+\.)*)(\w*)$/.exec(before);
  const typed = path?.[2] ?? "";
  const owner = path?.[1]?.slice(0, -1) ?? "";
  const from = position - typed.length;
  if (owner === "") {
    // Behind the dot of something else, such as the result of a call, nothing is known.
    if (/^\d/.test(typed) || /[\w)\]"`]\.\w*$/.test(before)) return null;
    return { from, options: [...OBJECTS, ...GLOBALS, ...(isTest ? TEST_FUNCTIONS : []), ...KEYWORDS] };
  }
  const options = membersOf(owner.split("."), text.slice(0, position), collections);
  return options.length > 0 ? { from, options } : null;
}

function membersOf(path: readonly string[], before: string, collections: RhaiSurroundings["collections"]): RhaiWord[] {
  const [last = "", parent = ""] = path.toReversed();
  if (["record", "original", "caller"].includes(last)) return [...fieldsOf(collections), ...ofOwner("record")];
  if (path.length === 1) {
    const name = recordName(last, before);
    if (name !== undefined) return [...fieldsOf(collections.filter((one) => one.name === name)), ...ofOwner("record")];
  }
  // `e.request` has a heading of its own, the parameters in it another.
  if (parent === "request" && (last === "query" || last === "headers")) return ofOwner("parameters");
  const members = path.length === 1 || last === "db" || last === "request" ? ofOwner(last) : [];
  if (members.length > 0 || path.length < 2) return members;
  const fields = collections.flatMap(({ fields }) => fields).filter(({ name }) => name === last);
  return [...new Set(fields.map(({ type }) => type))].flatMap(ofType);
}

function ofOwner(wanted: string): RhaiWord[] {
  return wanted === "" ? [] : reference.filter(({ owner }) => owner === wanted).map(wordOf);
}

/** What can be asked of the value of a field. */
function ofType(type: string): RhaiWord[] {
  if (type === "date" || type === "autodate") return ofOwner("date");
  if (type === "number") return ofOwner("number");
  if (["text", "email", "url", "editor", "select"].includes(type)) {
    return reference
      .filter(({ section, calls }) => section === "Texts" && calls.some((call) => /^text\b/.test(call)))
      .map((entry) => wordOf({ ...entry, calls: entry.calls.map(withoutFirst) }));
  }
  return [];
}

/** Called as a method, the first parameter stands before the dot. */
function withoutFirst(call: string): string {
  return call.split(", ").slice(1).join(", ");
}

/** The collection of a variable that was read from it on a line above. */
function recordName(variable: string, before: string): string | undefined {
  const made = new RegExp(`\\b(?:let|const)\\s+${variable}\\s*=\\s*(?:\\w+\\.)?db\\.\\w+\\(\\s*"(\\w+)"`, "g");
  const looped = new RegExp(`\\bfor\\s+${variable}\\s+in\\s+(?:\\w+\\.)?db\\.\\w+\\(\\s*"(\\w+)"`, "g");
  return [...before.matchAll(made), ...before.matchAll(looped)]
    .sort((one, other) => one.index - other.index)
    .at(-1)?.[1];
}

function fieldsOf(collections: RhaiSurroundings["collections"]): RhaiWord[] {
  const names = new Set(collections.flatMap(({ fields }) => fields.map(({ name }) => name)));
  return [...names].sort().map((label) => ({ label, kind: "property" }));
}

function wordOf({ name, calls, text }: (typeof reference)[number]): RhaiWord {
  const detail = calls.length > 0 ? `(${calls.reduce((one, other) => (other.length > one.length ? other : one))})` : "";
  return { label: name, kind: calls.length > 0 ? "function" : "property", detail: detail || undefined, info: text };
}

/** Whether the end of the line is inside of quotes or behind `//`. Code inside of a text, `${…}`, counts as code. */
function isInTextOrComment(line: string): boolean {
  const rest = line.replace(/"(?:\\.|[^"\\])*"/g, '""');
  if (/\/\//.test(rest) || rest.includes('"', rest.lastIndexOf('""') + 2)) return true;
  const inTemplate = (rest.split("`").length - 1) % 2 === 1;
  return inTemplate && !/\$\{[^}]*$/.test(rest);
}
