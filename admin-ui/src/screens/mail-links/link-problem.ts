import type { Problem } from "#api/errors.ts";

/** What to tell somebody whose mail link was refused. */
export function linkProblem(problem: Problem): string {
  const isAboutLink = problem.kind === "missing" || problem.fields.token !== undefined;
  return isAboutLink ? "This link has expired or was used already. Please ask for a new mail." : problem.message;
}
