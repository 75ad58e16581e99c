/** What is wrong with a filter, and how it could be mended, from what the server says. */

import type { Finding } from "../schema/flat-errors.ts";

export type FilterFault = {
  /** The name that no field has; `null` where something else is wrong. */
  unknownField: string | null;
  /** The name that was probably meant. */
  suggestion?: string;
  /** What was typed with that name in it; absent where the fault is not in what was typed. */
  corrected?: string;
};

/**
 * `sent` is the whole filter, which may hold what was `typed` at its end. `suggest` knows names that the server does
 * not think of.
 */
export function readFault(
  { message, params }: Finding,
  sent: string,
  typed: string,
  suggest: (name: string) => string | undefined = () => undefined,
): FilterFault {
  const { offset, length } = params;
  const isUnknown = message.startsWith("unknown field ");
  const hasPlace = typeof offset === "number" && typeof length === "number";
  const name = hasPlace ? sent.slice(offset, offset + length) : "";
  const suggestion = typeof params.suggestion === "string" ? params.suggestion : isUnknown ? suggest(name) : undefined;
  const start = sent.lastIndexOf(typed);
  const from = hasPlace && start >= 0 ? offset - start : -1;
  const isInTyped = from >= 0 && hasPlace && from + length <= typed.length;
  return {
    unknownField: isUnknown && name !== "" ? name : null,
    suggestion,
    corrected:
      suggestion !== undefined && isInTyped && hasPlace
        ? typed.slice(0, from) + suggestion + typed.slice(from + length)
        : undefined,
  };
}
