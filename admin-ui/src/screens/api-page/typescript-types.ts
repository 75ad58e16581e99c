/**
 * The collections as TypeScript: for each a record, its expansion, and the bodies of create and update. The command
 * `steading types ts` writes the same, and a typed client around it.
 */

import type { Collection, Field } from "#api/types.ts";

const HEAD = `/** The id of a record. */
export type RecordId = string;

/** A moment in UTC, such as \`2026-01-02 03:04:05.006Z\`; empty for none. */
export type DateTime = string;

/** The name of an uploaded file; \`pb.files.getURL(record, name)\` makes an address of it. */
export type FileName = string;

export interface GeoPoint {
  lon: number;
  lat: number;
}

/** What every record has. */
export interface AnyRecord<Name extends string = string> {
  id: RecordId;
  collectionId: string;
  collectionName: Name;
}
`;

/** The properties of every JavaScript object. */
const INHERITED = new Set([
  "constructor",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "toLocaleString",
  "toString",
  "valueOf",
]);

/** `only` leaves the others out; links to them are still typed by name. */
export function typescriptTypes(collections: readonly Collection[], only?: Collection): string {
  const names = typeNames(collections);
  const written = only ? [only] : collections;
  const blocks = written.map((collection) => collectionTypes(collection, collections, names));
  return only ? blocks.join("").trimStart() : HEAD + blocks.join("");
}

type Names = ReadonlyMap<string, string>;

/** If two names become equal, as `order_1` and `order1` do, the later one gets a number. */
function typeNames(collections: readonly Collection[]): Names {
  const taken = new Set(["Any"]);
  const names = new Map<string, string>();
  for (const { id, name } of collections) {
    const plain = pascalCase(name);
    let free = plain;
    for (let number = 2; taken.has(free); number++) free = `${plain}_${number}`;
    taken.add(free);
    names.set(id, free);
  }
  return names;
}

function pascalCase(name: string): string {
  const words = name.split("_").filter(Boolean);
  const text = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return /^\p{Alphabetic}/u.test(text) ? text : `T${text}`;
}

function collectionTypes(collection: Collection, collections: readonly Collection[], names: Names): string {
  const name = names.get(collection.id) ?? "Any";
  const lines = [
    "",
    `/** The collection \`${comment(collection.name)}\`. */`,
    `export interface ${name}Record extends AnyRecord<${literal(collection.name)}> {`,
    ...recordLines(collection),
    `  expand?: ${name}Expand;`,
    "}",
    "",
    `export interface ${name}Expand {`,
    ...expandLines(collection, collections, names),
    "}",
  ];
  if (collection.type !== "view") {
    lines.push("", `export interface ${name}Create {`, ...inputLines(collection, true), "}");
    lines.push("", `export interface ${name}Update {`, ...inputLines(collection, false), "}");
  }
  return `${lines.join("\n")}\n`;
}

/** The fields that are not server secrets. */
function open({ fields, type }: Collection): Field[] {
  const isSecret = ({ name, system }: Field) =>
    type === "auth" && system && (name === "password" || name === "tokenKey");
  return fields.filter((field) => field.name !== "id" && !isSecret(field));
}

function recordLines(collection: Collection): string[] {
  return open(collection).flatMap((field) => {
    const shape = shown(field);
    if (shape === null) return [];
    const isPrivate = collection.type === "auth" && field.name === "email";
    const remark = field.hidden
      ? "Shown to superusers only."
      : isPrivate
        ? "Absent unless the record's owner makes it visible."
        : "";
    const note = [comment(field.help ?? ""), remark].filter(Boolean).join(" ");
    const mark = field.hidden || isPrivate ? "?" : "";
    return [...(note ? [`  /** ${note} */`] : []), `  ${property(field.name)}${mark}: ${shape};`];
  });
}

function expandLines(collection: Collection, collections: readonly Collection[], names: Names): string[] {
  const targets = collection.fields.flatMap((field) => {
    const target = field.type === "relation" ? collections.find(({ id }) => id === field.collectionId) : undefined;
    return target ? [`  ${property(field.name)}?: ${names.get(target.id)}Record${isMultiple(field) ? "[]" : ""};`] : [];
  });
  const users = collections.flatMap((other) =>
    other.fields
      .filter((field) => field.type === "relation" && field.collectionId === collection.id)
      .map((field) => {
        const list = isUniquelyIndexed(other, field.name) ? "" : "[]";
        return `  ${property(`${other.name}_via_${field.name}`)}?: ${names.get(other.id)}Record${list};`;
      }),
  );
  return [...targets, ...users];
}

/** One index, unique, over this column alone. */
function isUniquelyIndexed({ indexes }: Collection, field: string): boolean {
  const column = new RegExp(
    `^create\\s+unique\\s+index[^(]*\\(\\s*["\`\\[]?${field}["\`\\]]?(?:\\s+collate\\s+\\w+)?(?:\\s+(?:asc|desc))?\\s*\\)\\s*$`,
    "i",
  );
  return (indexes ?? []).some((index) => column.test(index.trim()));
}

function inputLines(collection: Collection, isNew: boolean): string[] {
  const lines = isNew ? ["  id?: RecordId;"] : [];
  if (collection.type === "auth" && isNew) lines.push("  password: string;", "  passwordConfirm: string;");
  if (collection.type === "auth" && !isNew) {
    lines.push("  password?: string;", "  passwordConfirm?: string;");
    lines.push("  /** Not needed by those who manage the record. */", "  oldPassword?: string;");
  }
  for (const field of open(collection)) {
    const shape = sent(field);
    if (shape === null) continue;
    const mark = isNew && field.required && !field.autogeneratePattern ? "" : "?";
    const orInherited = INHERITED.has(field.name) ? ` | Object['${field.name}']` : "";
    lines.push(`  ${property(field.name)}${mark}: ${shape}${orInherited};`);
    for (const [key, of] of modifiers(field, isNew)) lines.push(`  ${literal(key)}?: ${of};`);
  }
  return lines;
}

/** The type of the field in an answer. `null` if it is never shown. */
function shown(field: Field): string | null {
  if (field.type === "password") return null;
  if (field.type === "select") {
    const choices = union(field.values ?? []);
    if (isMultiple(field)) return listOf(choices);
    return field.required ? choices : `${choices} | ''`;
  }
  return SHOWN[field.type]?.(field) ?? "unknown";
}

const many = (one: string) => (field: Field) => (isMultiple(field) ? `${one}[]` : one);

const SHOWN: Record<string, (field: Field) => string> = {
  text: () => "string",
  editor: () => "string",
  email: () => "string",
  url: () => "string",
  number: () => "number",
  bool: () => "boolean",
  date: () => "DateTime",
  autodate: () => "DateTime",
  relation: many("RecordId"),
  file: many("FileName"),
  json: () => "unknown",
  geoPoint: () => "GeoPoint",
};

/** The type of the field in a request. `null` if only the server sets it. */
function sent(field: Field): string | null {
  const isMany = isMultiple(field);
  switch (field.type) {
    case "autodate":
      return null;
    case "password":
      return "string";
    case "bool":
      return field.required ? "true" : "boolean";
    case "date":
      return "DateTime | Date";
    case "select": {
      const choices = union(field.values ?? []);
      if (isMany) return `${choices} | ${listOf(choices)}`;
      return field.required ? choices : `${choices} | '' | null`;
    }
    case "relation":
      if (isMany) return "RecordId | RecordId[]";
      return field.required ? "RecordId" : "RecordId | null";
    case "file": {
      const one = isMany ? "Blob | FileName | (Blob | FileName)[]" : "Blob | FileName";
      return field.required ? one : `${one} | null`;
    }
    default:
      return shown(field);
  }
}

function modifiers(field: Field, isNew: boolean): [string, string][] {
  const { name } = field;
  if (isNew) return field.type === "text" && field.autogeneratePattern ? [[`${name}:autogenerate`, "string"]] : [];
  if (field.type === "number") {
    return [
      [`${name}+`, "number"],
      [`${name}-`, "number"],
    ];
  }
  if (!isMultiple(field)) return [];
  const choices = union(field.values ?? []);
  const kinds: Record<string, [string, string]> = {
    select: [choices, choices],
    relation: ["RecordId", "RecordId"],
    file: ["Blob", "FileName"],
  };
  const [added, removed] = kinds[field.type] ?? [];
  if (!added || !removed) return [];
  return [
    [`${name}+`, `${added} | ${listOf(added)}`],
    [`+${name}`, `${added} | ${listOf(added)}`],
    [`${name}-`, `${removed} | ${listOf(removed)}`],
  ];
}

function isMultiple(field: Field): boolean {
  return (field.maxSelect ?? 1) > 1;
}

function listOf(type: string): string {
  return type.includes(" ") ? `(${type})[]` : `${type}[]`;
}

function union(values: readonly string[]): string {
  const literals = [...new Set(values.map(literal))];
  return literals.length === 0 ? "never" : literals.join(" | ");
}

function property(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : literal(name);
}

function literal(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** An owner's text, made safe for a comment on one line. */
function comment(text: string): string {
  return text.replaceAll("*/", "* /").split(/\s+/).filter(Boolean).join(" ");
}
