import { words } from "#words/words.ts";

/** Stands where a value could be. */
export function Nothing() {
  return (
    <span className="text-ink-soft">
      <span aria-hidden="true">–</span>
      <span className="sr-only">{words().common.empty}</span>
    </span>
  );
}
