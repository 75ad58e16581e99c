/** What the server finds wrong with a text while it is typed. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { scriptCheckQuery } from "#api/scripts.ts";
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
  const problem = settled === text && !isPlaceholderData ? data?.problem : null;
  return useMemo(() => {
    if (!problem || text === undefined) return { marks: [], error: undefined };
    const error = mistakeText(problem, name);
    const range = problem.file === name ? rangeAt(text, problem.line, problem.column) : null;
    return { marks: range ? [{ ...range, message: problem.message }] : [], error };
  }, [problem, text, name]);
}
