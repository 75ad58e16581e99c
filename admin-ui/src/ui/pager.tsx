/** Below a list that comes in pages, the newest first: how much there is, and the way to the other pages. */

import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { words } from "#words/words.ts";
import { IconButton } from "./button.tsx";

type PagerProps = {
  /** Names the list. */
  label: string;
  summary: ReactNode;
  /** From 1. */
  page: number;
  pages: number;
  onPage: (page: number) => void;
};

export function Pager({ label, summary, page, pages, onPage }: PagerProps) {
  const { common } = words();
  return (
    <nav aria-label={label} className="flex items-center justify-between gap-3 text-sm text-ink-soft">
      <span>{summary}</span>
      {(pages > 1 || page > 1) && (
        <span className="flex items-center gap-1">
          <IconButton label={common.newer} icon={ChevronLeft} disabled={page <= 1} onClick={() => onPage(page - 1)} />
          {common.page(page, pages)}
          <IconButton
            label={common.older}
            icon={ChevronRight}
            disabled={page >= pages}
            onClick={() => onPage(page + 1)}
          />
        </span>
      )}
    </nav>
  );
}
