/** What the server finds wrong with single values of a nested body, by path. */

import { ClientResponseError } from "pocketbase";
import { type Finding, flattenErrors } from "#lib/schema/flat-errors.ts";
import { kinderWords } from "./errors.ts";

export type Findings = Record<string, Finding>;

export function findingsOf(error: unknown): Findings {
  return error instanceof ClientResponseError ? flattenErrors(error.response.data) : {};
}

/** The finding as a sentence: kinder words where there are some, and a rule's own reason without what stands around it. */
export function sayFinding({ code, message, params }: Finding): string {
  if (typeof params.reason === "string") return params.reason;
  return kinderWords(code, params) ?? message.replace(/^Invalid rule\. Raw error: /, "");
}

/** The sentences at `path` and below it, by what remains of their paths; that of `path` itself has the key `""`. */
export function sentencesBelow(findings: Findings, path: string): Record<string, string> {
  const below: Record<string, string> = {};
  for (const [key, finding] of Object.entries(findings)) {
    if (key === path) below[""] = sayFinding(finding);
    else if (key.startsWith(`${path}.`)) below[key.slice(path.length + 1)] = sayFinding(finding);
  }
  return below;
}
