import type { ValueProps } from "../field-kind.ts";
import { useRelated } from "./related.ts";

export function RelationCell(props: ValueProps) {
  return (
    <span className="flex gap-1">
      {useRelated(props).map(({ id, name }) => (
        <span
          key={id}
          className="inline-block max-w-full truncate rounded-md border border-line bg-raised px-1.5 text-[13px] leading-5.5"
        >
          {name}
        </span>
      ))}
    </span>
  );
}
