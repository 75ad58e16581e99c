/** Trying and carrying out a plan, with its progress. Leaving the screen cancels what is under way. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { explain, type Problem } from "#api/errors.ts";
import { type ImportPlan, type ImportProgress, type ImportResult, runImport } from "#api/imports.ts";
import { keys } from "#api/keys.ts";

export type Running = {
  state: "idle" | "trying" | "running";
  progress: ImportProgress | null;
  result: ImportResult | null;
  problem: Problem | null;
  /** What is wrong with the plan, by the path of the input. */
  problems: Record<string, string>;
  isCancelled: boolean;
  start: (plan: ImportPlan, isDryRun: boolean) => void;
  cancel: () => void;
  reset: () => void;
};

type State = Pick<Running, "state" | "progress" | "result" | "problem" | "isCancelled">;

const IDLE: State = { state: "idle", progress: null, result: null, problem: null, isCancelled: false };

export function useRun(id: string): Running {
  const cache = useQueryClient();
  const [state, setState] = useState<State>(IDLE);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const start = async (plan: ImportPlan, isDryRun: boolean) => {
    const controller = new AbortController();
    abort.current = controller;
    setState({ ...IDLE, state: isDryRun ? "trying" : "running" });
    try {
      const result = await runImport(id, plan, {
        isDryRun,
        signal: controller.signal,
        onProgress: (progress) => setState((before) => ({ ...before, progress })),
      });
      setState({ ...IDLE, result });
      if (result.isImported) {
        // A later look at this import shows the outcome, and not the plan.
        cache.invalidateQueries({ queryKey: keys.imports() });
        cache.invalidateQueries({ queryKey: keys.collections() });
        cache.invalidateQueries({ queryKey: keys.records(result.collection) });
      }
    } catch (error) {
      if (controller.signal.aborted) setState({ ...IDLE, isCancelled: true });
      else setState({ ...IDLE, problem: explain(error) });
    }
  };
  return {
    ...state,
    problems: state.problem?.fields ?? {},
    start,
    cancel: () => abort.current?.abort(),
    reset: () => setState(IDLE),
  };
}
