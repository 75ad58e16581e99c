/** What went wrong with the list. */

import { explain } from "#api/errors.ts";
import { findingsOf } from "#api/findings.ts";
import { sayFault } from "#fields/filter-problem.tsx";
import { readFault } from "#lib/filter/fault.ts";
import { parseSort } from "#lib/sort-text.ts";
import { Notice } from "#ui/notice.tsx";
import { words } from "#words/words.ts";

type TroubleProps = { error: unknown; filter?: string; sort?: string };

export function Trouble(props: TroubleProps) {
  return (
    <div className="p-4 sm:px-6">
      <Notice tone="danger">{messageOf(props)}</Notice>
    </div>
  );
}

/** The server says what is wrong with a filter or a sort order; an older one leaves it to be guessed. */
export function messageOf({ error, filter, sort }: TroubleProps): string {
  const { grid } = words();
  const problem = explain(error);
  if (problem.kind !== "invalid") return problem.message;
  const finding = findingsOf(error).filter;
  if (finding) return sayFault(error, readFault(finding, filter ?? "", filter ?? ""));
  if (problem.fields.sort) return problem.message;
  if (filter) return grid.filterRefused;
  const field = parseSort(sort)[0]?.field;
  return field ? grid.sortRefused(field) : problem.message;
}
