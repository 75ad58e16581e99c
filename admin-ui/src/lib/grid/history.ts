/** What can be undone and done again. A step is whatever one act of a person changed, also across many cells. */

export type History<Step> = { done: readonly Step[]; undone: readonly Step[] };

const MAX_STEPS = 200;

export function emptyHistory<Step>(): History<Step> {
  return { done: [], undone: [] };
}

/** A new step makes what was undone unreachable. */
export function remember<Step>({ done }: History<Step>, step: Step): History<Step> {
  return { done: [...done, step].slice(-MAX_STEPS), undone: [] };
}

export function takeUndo<Step>({ done, undone }: History<Step>): { history: History<Step>; step: Step } | null {
  const step = done.at(-1);
  if (step === undefined) return null;
  return { step, history: { done: done.slice(0, -1), undone: [...undone, step] } };
}

export function takeRedo<Step>({ done, undone }: History<Step>): { history: History<Step>; step: Step } | null {
  const step = undone.at(-1);
  if (step === undefined) return null;
  return { step, history: { done: [...done, step], undone: undone.slice(0, -1) } };
}

/** Takes one step out, wherever it stands; `null` when it has been undone meanwhile. */
export function without<Step>({ done, undone }: History<Step>, step: Step): History<Step> | null {
  return done.includes(step) ? { done: done.filter((other) => other !== step), undone } : null;
}
