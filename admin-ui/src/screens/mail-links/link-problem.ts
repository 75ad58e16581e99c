import type { Problem } from "#api/errors.ts";
import { words } from "#words/words.ts";

/** What to tell somebody whose mail link was refused. */
export function linkProblem(problem: Problem): string {
  const isAboutLink = problem.kind === "missing" || problem.fields.token !== undefined;
  return isAboutLink ? words().mailLinks.linkOver : problem.message;
}
