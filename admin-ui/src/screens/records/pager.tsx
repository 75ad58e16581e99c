/** Below the sheet: how many records there are, and the way to the next hundred. */

import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { countQuery, firstNumber, PAGE_SIZE } from "#api/records.ts";
import type { Collection } from "#api/types.ts";
import { formatCount, formatNumber } from "#lib/format.ts";
import { IconButton } from "#ui/button.tsx";
import { usePlace } from "./use-place.ts";

type PagerProps = { collection: Collection; filter: string; shown: number };

export function Pager({ collection, filter, shown }: PagerProps) {
  const place = usePlace();
  const page = place.page ?? 1;
  const { data: total } = useQuery({ ...countQuery(collection.name, filter), enabled: shown > 0 });
  if (shown === 0) return null;

  const first = firstNumber(page);
  const range = `${formatNumber(first)} – ${formatNumber(first + shown - 1)}`;
  const hasNext = total === undefined ? shown === PAGE_SIZE : first + shown - 1 < total;
  const isOnePage = page === 1 && !hasNext;
  const goTo = (wanted: number) => place.go({ page: wanted > 1 ? wanted : undefined });
  return (
    <footer className="flex items-center justify-between gap-4 border-t border-line px-4 py-1.5 text-sm text-ink-soft sm:px-6">
      <p role="status" className="tabular-nums">
        {isOnePage
          ? formatCount(shown, "record", "records")
          : `${range}${total === undefined ? "" : ` of ${formatCount(total, "record", "records")}`}`}
      </p>
      {!isOnePage && (
        <nav aria-label="Pages" className="flex gap-1">
          <IconButton label="Previous page" icon={ChevronLeft} disabled={page === 1} onClick={() => goTo(page - 1)} />
          <IconButton label="Next page" icon={ChevronRight} disabled={!hasNext} onClick={() => goTo(page + 1)} />
        </nav>
      )}
    </footer>
  );
}
