/**
 * Writes `src/api/types.gen.ts` from the server's own description of its API.
 *
 *     STEADING_BIN=../target/debug/steading npm run api-types
 *
 * The description is stored in `vite/openapi.json`, without what depends on the collections of one server. A test fails
 * when the types do not belong to it. The usual generators need the JavaScript API of TypeScript, which version 7 does
 * not have, and the few kinds of schemas that the server uses are quickly written.
 */

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "..");
export const DOCUMENT_FILE = join(import.meta.dirname, "openapi.json");
export const TYPES_FILE = join(root, "src/api/types.gen.ts");

const STREAMED = new Set(["ImportProgress", "ImportResult"]);

/** @typedef {{ [key: string]: any }} Json any JSON stands in an OpenAPI document */

/** @param {Json} document @returns {string} */
export function typesOf(document) {
  const schemas = Object.entries(document.components.schemas);
  const named = schemas.map(([name, schema]) => declaration(`Api${name}`, schema, schema.description));
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  const bodies = operations.flatMap(operationTypes);
  return [
    "/** Generated from the server's OpenAPI document by `npm run api-types`. Not to be edited by hand. */",
    ...named,
    ...bodies,
  ]
    .join("\n\n")
    .concat("\n");
}

/** @param {Json} operation @returns {string[]} */
function operationTypes({ operationId, summary, requestBody, responses }) {
  const name = operationId[0].toUpperCase() + operationId.slice(1);
  const sent = requestBody?.content?.["application/json"]?.schema;
  const answered = (responses["200"] ?? responses["201"])?.content?.["application/json"]?.schema;
  return [
    ...(sent ? [declaration(`${name}Body`, sent, `What is sent to: ${summary}.`)] : []),
    ...(answered ? [declaration(`${name}Answer`, answered, `What comes back from: ${summary}.`)] : []),
  ];
}

/** @param {string} name @param {Json} schema @param {string} [description] */
function declaration(name, schema, description) {
  return `${comment(description, "")}export type ${name} = ${typeOf(schema, "")};`;
}

/** @param {string | undefined} text @param {string} indent */
function comment(text, indent) {
  return text ? `${indent}/** ${text.replaceAll("*/", "*\\/")} */\n` : "";
}

/** @param {Json} schema @param {string} indent @returns {string} */
function typeOf(schema, indent) {
  if (typeof schema.$ref === "string") return `Api${schema.$ref.split("/").at(-1)}`;
  if ("const" in schema) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  for (const key of ["anyOf", "oneOf"]) {
    if (Array.isArray(schema[key])) return union(schema[key].map((/** @type {Json} */ part) => typeOf(part, indent)));
  }
  if (Array.isArray(schema.allOf)) {
    return schema.allOf.map((/** @type {Json} */ part) => `(${typeOf(part, indent)})`).join(" & ");
  }
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return union(types.map((/** @type {string | undefined} */ type) => plainType(type, schema, indent)));
}

/** @param {string[]} types */
function union(types) {
  return [...new Set(types)].join(" | ");
}

/** @param {string | undefined} type @param {Json} schema @param {string} indent @returns {string} */
function plainType(type, schema, indent) {
  switch (type) {
    case "string":
    case "boolean":
    case "null":
      return type;
    case "integer":
    case "number":
      return "number";
    case "array": {
      const item = typeOf(schema.items ?? {}, indent);
      return /[|&]/.test(item.replace(/\{[\s\S]*\}/, "")) ? `(${item})[]` : `${item}[]`;
    }
    case "object":
      return objectType(schema, indent);
    default:
      return schema.properties ? objectType(schema, indent) : "unknown";
  }
}

/** @param {Json} schema @param {string} indent */
function objectType(schema, indent) {
  const inner = `${indent}  `;
  const required = new Set(schema.required ?? []);
  const lines = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
    const mark = required.has(name) ? "" : "?";
    return `${comment(property.description, inner)}${inner}${key}${mark}: ${typeOf(property, inner)};`;
  });
  const others =
    typeof schema.additionalProperties === "object" ? typeOf(schema.additionalProperties, inner) : "unknown";
  if (lines.length === 0) return `{ [key: string]: ${others} }`;
  return `{\n${lines.join("\n")}\n${indent}}`;
}

/**
 * Leaves out what is about single collections: another server has others.
 *
 * @param {Json} document
 * @returns {Json}
 */
export function withoutCollections(document) {
  const isGeneral = (/** @type {string} */ path) =>
    !/^\/api\/(collections|files)\/(?!meta\/|import|preview|\{)[^/]+\//.test(path);
  const general = Object.entries(document.paths).filter(([path]) => isGeneral(path));
  const paths = Object.fromEntries(general.map(([path, operations]) => [path, withTypesOnly(operations)]));
  const { schemas: all } = document.components;
  const used = referredTo(paths);
  // What the events of a stream hold is referred to by no answer.
  for (const name of Object.keys(all)) if (STREAMED.has(name)) used.add(name);
  // A set also visits what is added meanwhile.
  for (const name of used) for (const inner of referredTo(all[name] ?? {})) used.add(inner);
  const schemas = Object.fromEntries(Object.entries(all).filter(([name]) => used.has(name)));
  return { openapi: document.openapi, paths, components: { schemas } };
}

/** @param {Json} value @returns {Set<string>} the names of the schemas */
function referredTo(value) {
  return new Set(JSON.stringify(value).match(/(?<=#\/components\/schemas\/)\w+/g));
}

/** Of each operation only what becomes a type. @param {Json} operations */
function withTypesOnly(operations) {
  const kept = Object.entries(operations).map(([method, { operationId, summary, requestBody, responses }]) => {
    const good = Object.entries(responses ?? {}).filter(([status]) => status.startsWith("20"));
    return [method, { operationId, summary, requestBody, responses: Object.fromEntries(good) }];
  });
  return Object.fromEntries(kept);
}

/**
 * What the program says of itself, in the form that is stored.
 *
 * @param {string} program
 * @returns {Promise<Json>}
 */
export async function describedBy(program) {
  const dir = await mkdtemp(join(tmpdir(), "steading-types-"));
  const run = promisify(execFile);
  try {
    // A data folder of its own, so that the description is the same for everybody.
    await run(program, ["superuser", "upsert", "types@example.com", "not used anywhere", "--dir", dir]);
    const { stdout } = await run(program, ["openapi", "--dir", dir], { maxBuffer: 64 * 1024 * 1024 });
    return withoutCollections(JSON.parse(stdout));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function update() {
  const program = process.env.STEADING_BIN ?? "../target/debug/steading";
  const document = await describedBy(program.includes("/") ? resolve(root, program) : program);
  await writeFile(DOCUMENT_FILE, `${JSON.stringify(document, null, 1)}\n`);
  await writeFile(TYPES_FILE, typesOf(JSON.parse(await readFile(DOCUMENT_FILE, "utf8"))));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await update();
