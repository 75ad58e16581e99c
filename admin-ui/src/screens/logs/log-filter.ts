/** Turns what was typed into the search box of the log into a filter. */

import { looksLikeFilter } from "#lib/filter/looks-like.ts";
import { nearestName } from "#lib/filter/near.ts";
import { unquoted } from "#lib/filter-text.ts";

const FIELDS = ["id", "created", "level", "message", "data"];

/** What entries of requests, scripts and jobs have under `data`. */
const DATA = [
  "type",
  "method",
  "url",
  "status",
  "execTime",
  "referer",
  "userAgent",
  "auth",
  "authId",
  "remoteIP",
  "userIP",
  "error",
  "reason",
  "details",
  "file",
  "place",
];

export type LogChoice = {
  /** Only warnings and errors. */
  isOnlyTrouble?: boolean;
  /** Without the requests of superusers. Entries that are no requests stay. */
  isWithoutSuperusers?: boolean;
};

export function logFilter(typed: string, { isOnlyTrouble, isWithoutSuperusers }: LogChoice): string {
  const text = typed.trim();
  const quoted = unquoted(text);
  const parts: string[] = [];
  if (isOnlyTrouble) parts.push("level >= 4");
  if (isWithoutSuperusers) parts.push('data.auth != "_superusers"');
  if ((quoted ?? text) !== "") {
    const isFilter = quoted === null && looksLikeFilter(text, [...FIELDS, ...DATA]);
    parts.push(isFilter ? `(${text})` : containsText(quoted ?? text));
  }
  return parts.join(" && ");
}

function containsText(text: string): string {
  return `(message ~ ${JSON.stringify(text)} || data ~ ${JSON.stringify(text)})`;
}

/** Most of what one asks for stands under `data`: `status` is `data.status`. */
export function suggestField(name: string): string | undefined {
  const inner = nearestName(name, DATA);
  return inner && `data.${inner}`;
}

/** A misspelt name under `data` is no mistake to the server: nothing has it. The name that was probably meant. */
export function misspeltData(typed: string): { name: string; corrected: string; suggestion: string } | null {
  for (const { 0: path, 1: name = "", index } of typed.matchAll(/\bdata\.(\w+)/g)) {
    const nearest = DATA.includes(name) ? undefined : nearestName(name, DATA);
    if (nearest === undefined) continue;
    const suggestion = `data.${nearest}`;
    return { name: path, suggestion, corrected: typed.slice(0, index) + suggestion + typed.slice(index + path.length) };
  }
  return null;
}
