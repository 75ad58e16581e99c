/** Says that rows belong elsewhere now, and offers to put them there. */

import { ArrowUpDown } from "lucide-react";
import { words } from "#words/words.ts";

export function OrderNotice({ misplaced, onSort }: { misplaced: number; onSort: () => void }) {
  const { grid } = words();
  if (misplaced === 0) return null;
  return (
    <div role="status" className="flex min-w-24 items-center gap-1.5 text-xs text-straw">
      <ArrowUpDown className="size-3.5 shrink-0" aria-hidden />
      <span className="truncate">{grid.misplaced(misplaced)}</span>
      <button
        type="button"
        onClick={onSort}
        title={grid.misplaced(misplaced)}
        className="font-medium whitespace-nowrap underline decoration-straw/50 hover:decoration-current"
      >
        {grid.sortAgain}
      </button>
    </div>
  );
}
