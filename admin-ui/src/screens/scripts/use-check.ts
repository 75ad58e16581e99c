/** What the server finds wrong with a text while it is typed. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type ScriptMistake, scriptCheckQuery } from "#api/scripts.ts";
import { rangeAt } from "#lib/rhai/position.ts";
import type { CodeMark } from "#ui/code-editor.tsx";
import { useDelayed } from "#ui/use-delayed.ts";
import { mistakeText } from "./mistake-text.ts";

const WAIT_MS = 400;

export type Check = { marks: CodeMark[]; error: string | undefined };

/** Nothing is checked while `text` is undefined. A finding about an earlier text is not shown. */
export function useCheck(name: string, text: string | undefined): Check {
  const settled = useDelayed(text, WAIT_MS);
  const { data, isPlaceholderData } = useQuery({
    ...scriptCheckQuery(name, settled ?? ""),
    enabled: settled !== undefined,
  });
  const found = settled === text && !isPlaceholderData ? data : undefined;
  return useMemo(() => {
    if (!found || text === undefined) return { marks: [], error: undefined };
    // A name that stops the file while it is loaded is found twice.
    const { problem, warnings = [] } = found;
    const isOther = (one: ScriptMistake) => one.line !== problem?.line || one.column !== problem.column;
    const mistakes = problem ? [problem, ...warnings.filter(isOther)] : warnings;
    const marks = mistakes.flatMap((one) => {
      const range = one.file === name ? rangeAt(text, one.line, one.column) : null;
      return range ? [{ ...range, message: one.message }] : [];
    });
    const first = mistakes[0];
    return { marks, error: first && mistakeText(first, name) };
  }, [found, text, name]);
}
