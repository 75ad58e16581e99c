import { classNames } from "#lib/class-names.ts";
import { formatNumber } from "#lib/format.ts";
import type { ValueProps } from "../field-kind.ts";
import { useRelated } from "./related.ts";

/** So many can be counted at a glance, where they are in sight. */
const MANY = 3;
/** More do not fit into a cell, and thousands would make it slow. */
const MAX_SHOWN = 12;

export function RelationCell(props: ValueProps) {
  const related = useRelated(props);
  const isOne = related.length === 1;
  return (
    <span className="flex gap-1.5">
      {/* How many there are is seen also where few of them are. */}
      {related.length > MANY && (
        <span className="shrink-0 text-[13px] leading-5.5 text-ink-soft tabular-nums">
          {formatNumber(related.length)}
        </span>
      )}
      <span className="flex min-w-0 gap-1 overflow-hidden">
        {related.slice(0, MAX_SHOWN).map(({ id, name }) => (
          <span
            key={id}
            className={classNames(
              "inline-block truncate rounded-md border border-line bg-raised px-1.5 text-[13px] leading-5.5",
              isOne ? "min-w-0" : "max-w-40 shrink-0",
            )}
          >
            {name}
          </span>
        ))}
      </span>
    </span>
  );
}
