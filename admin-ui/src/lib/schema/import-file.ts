/** Reads definitions of collections from a file that this or another server has written. */

import { checkJson } from "../json-check.ts";
import type { Definition } from "./compare.ts";

/** What a file says, or why it says nothing. `at` counts the items from 1. */
export type DefinitionsFile =
  | { definitions: Definition[] }
  | { problem: "json"; line: number; column: number }
  | { problem: "noList" | "empty" }
  | { problem: "unnamed" | "old"; at: number };

/** A list of collections, or an object with one. */
export function parseDefinitions(text: string): DefinitionsFile {
  const json = checkJson(text);
  if (!json.isValid) return { problem: "json", line: json.line, column: json.column };
  const list: unknown = Array.isArray(json.value) ? json.value : Object(json.value).collections;
  if (!Array.isArray(list)) return { problem: "noList" };
  if (list.length === 0) return { problem: "empty" };
  const definitions: Definition[] = [];
  for (const [index, item] of list.entries()) {
    if (!isDefinition(item)) return { problem: "unnamed", at: index + 1 };
    if (isOld(item)) return { problem: "old", at: index + 1 };
    definitions.push(item);
  }
  return { definitions };
}

function isDefinition(item: unknown): item is Definition {
  return typeof item === "object" && item !== null && !Array.isArray(item) && typeof Object(item).name === "string";
}

/** Up to its version 0.22, PocketBase wrote fields under another name and in another form. */
function isOld(item: Definition): boolean {
  return Array.isArray(item.schema) && !("fields" in item);
}

/** Without what differs from server to server, so that two exports can be compared. */
export function toExport(collections: readonly object[]): string {
  const items = collections.map((collection) => {
    const { created: _created, updated: _updated, ...rest } = collection as Definition; // keys are only left out
    return rest;
  });
  return JSON.stringify(items, null, 2);
}
