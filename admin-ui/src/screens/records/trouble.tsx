/** What went wrong with the list. The server does not say which part of a question it refused, so this guesses. */

import { explain } from "#api/errors.ts";
import { parseSort } from "#lib/sort-text.ts";
import { Notice } from "#ui/notice.tsx";

type TroubleProps = { error: unknown; filter?: string; sort?: string };

export function Trouble(props: TroubleProps) {
  return (
    <div className="p-4 sm:px-6">
      <Notice tone="danger">{messageOf(props)}</Notice>
    </div>
  );
}

function messageOf({ error, filter, sort }: TroubleProps): string {
  const problem = explain(error);
  if (problem.kind === "invalid" && filter) {
    return "This filter is not understood. Check the names of the fields, and put texts into quotes: name = 'Ana'.";
  }
  const field = parseSort(sort)?.field;
  if (problem.kind === "invalid" && field) return `This list cannot be sorted by “${field}”.`;
  return problem.message;
}
