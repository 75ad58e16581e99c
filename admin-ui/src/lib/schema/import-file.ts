/** Reads definitions of collections from a file that this or another server has written. */

import type { Definition } from "./compare.ts";

/** A list of collections, or an object with one. `null` when it is neither. */
export function parseDefinitions(text: string): Definition[] | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const list = Array.isArray(json) ? json : Object(json).collections;
  if (!Array.isArray(list) || list.length === 0) return null;
  return list.every(isDefinition) ? list : null;
}

function isDefinition(item: unknown): item is Definition {
  return typeof item === "object" && item !== null && !Array.isArray(item) && typeof Object(item).name === "string";
}

/** Without what differs from server to server, so that two exports can be compared. */
export function toExport(collections: readonly object[]): string {
  const items = collections.map((collection) => {
    const { created: _created, updated: _updated, ...rest } = collection as Definition; // keys are only left out
    return rest;
  });
  return JSON.stringify(items, null, 2);
}
