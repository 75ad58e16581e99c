/** Something is on its way. Appears after a moment only, so that quick answers do not flicker. */

import { words } from "#words/words.ts";

export function Loading({ label = words().common.loading }: { label?: string }) {
  return (
    <div role="status" className="loading flex items-center justify-center gap-3 p-10 text-ink-soft">
      <span className="size-4 animate-spin rounded-full border-2 border-line-strong border-t-transparent" />
      {label}
    </div>
  );
}
