/** What the server finds wrong with an endpoint, by input, in words. */

import { explain } from "#api/errors.ts";
import { findingsOf, sayFinding } from "#api/findings.ts";
import { failureOf } from "#lib/webhooks/failure.ts";
import { words } from "#words/words.ts";

export type InputProblems = {
  /** By the path of the input. */
  fields: Record<string, string>;
  /** Of the whole. */
  message: string;
};

export function inputProblems(error: unknown): InputProblems | null {
  if (!error) return null;
  const { fields, message } = explain(error);
  const { filter } = findingsOf(error);
  const isPrivate = fields.url !== undefined && failureOf(0, fields.url) === "private";
  return {
    message,
    fields: {
      ...fields,
      ...(filter && { filter: sayFinding(filter) }),
      ...(isPrivate && { url: words().deliveries.advice.private }),
    },
  };
}
