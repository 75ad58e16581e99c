import { useFileUrls } from "#api/files.ts";
import type { ValueProps } from "../field-kind.ts";
import { asList } from "../values.ts";
import { Thumb } from "./thumb.tsx";

/** More do not fit into a cell. */
const MOST_SHOWN = 4;

export function FileCell({ field, value, record }: ValueProps) {
  const urlsOf = useFileUrls(field, record);
  const names = asList(value);
  return (
    <span className="flex items-center gap-1">
      {names.slice(0, MOST_SHOWN).map((name) => (
        <Thumb key={name} name={name} urls={urlsOf(name)} className="size-7 shrink-0" />
      ))}
      {names.length === 1 && <span className="truncate">{names[0]}</span>}
      {names.length > MOST_SHOWN && <span className="text-ink-soft">+{names.length - MOST_SHOWN}</span>}
    </span>
  );
}
