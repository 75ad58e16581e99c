/** What stands in place of the sheet, or above it, when there is nothing to show, by reason. */

import { Inbox, ScanEye, SearchX } from "lucide-react";
import { serverAddress } from "#api/client.ts";
import type { Collection } from "#api/types.ts";
import { Button } from "#ui/button.tsx";
import { CodeBlock } from "#ui/code-block.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { words } from "#words/words.ts";
import { exampleOf } from "./example.ts";

type NoMatchesProps = { typed: string | undefined; isExpression: boolean; onClear: () => void };

export function NoMatches({ typed, isExpression, onClear }: NoMatchesProps) {
  const { grid } = words();
  return (
    <EmptyState
      icon={SearchX}
      title={grid.nothingFound}
      lead={
        typed ? (
          <>
            {grid.noMatch(typed)}
            {!isExpression && (
              <>
                {" "}
                {grid.searchHint} <code className="whitespace-nowrap">price &gt; 10</code>,{" "}
                <code className="whitespace-nowrap">name = 'Ana'</code>.
              </>
            )}
          </>
        ) : (
          grid.noMatchFilter
        )
      }
    >
      <Button onClick={onClear}>{grid.showAll}</Button>
    </EmptyState>
  );
}

/** Where rows can be typed in, the grid stands below; else this is all. */
export function NoRecords({ collection }: { collection: Collection }) {
  const { grid } = words();
  if (collection.type === "view") {
    return <EmptyState icon={ScanEye} title={grid.nothingYet} lead={grid.viewFills} />;
  }
  if (collection.system) return <p className="px-5 py-4 text-sm text-ink-soft">{grid.systemFills}</p>;
  return (
    <div className="flex flex-col gap-2 border-b border-line bg-surface px-5 py-4 text-sm">
      <p className="flex items-start gap-2">
        <Inbox className="mt-0.5 size-4 shrink-0 text-moss" aria-hidden />
        <span>
          <strong className="font-semibold">{grid.nothingYet}.</strong> {grid.firstRow}
        </span>
      </p>
      <details>
        <summary className="text-ink-soft hover:text-ink">{grid.forApps}</summary>
        <div className="mt-2 max-w-2xl">
          <CodeBlock label={grid.example} code={exampleOf(collection, serverAddress())} />
        </div>
      </details>
    </div>
  );
}
