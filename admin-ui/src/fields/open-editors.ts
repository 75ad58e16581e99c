/** The editors of cells that are open: what stands in them is kept before the page is left. */

import { useEffect, useRef } from "react";

const open = new Set<() => void>();

/** `finish` keeps what was typed and closes the editor. */
export function useOpenEditor(finish: () => void): void {
  const latest = useRef(finish);
  latest.current = finish;
  useEffect(() => {
    const finishLatest = () => latest.current();
    open.add(finishLatest);
    return () => {
      open.delete(finishLatest);
    };
  }, []);
}

export function finishOpenEditors(): void {
  for (const finish of [...open]) finish();
}
