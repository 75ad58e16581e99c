import { formatNumber } from "#lib/format.ts";
import type { ValueProps } from "../field-kind.ts";
import { useRelated } from "./related.ts";

/** More do not fit into a cell, and thousands would make it slow. */
const MAX_SHOWN = 12;

export function RelationCell(props: ValueProps) {
  const related = useRelated(props);
  const more = related.length - MAX_SHOWN;
  return (
    <span className="flex gap-1">
      {related.slice(0, MAX_SHOWN).map(({ id, name }) => (
        <span
          key={id}
          className="inline-block max-w-full min-w-12 truncate rounded-md border border-line bg-raised px-1.5 text-[13px] leading-5.5"
        >
          {name}
        </span>
      ))}
      {more > 0 && <span className="shrink-0 text-[13px] leading-5.5 text-ink-soft">+{formatNumber(more)}</span>}
    </span>
  );
}
