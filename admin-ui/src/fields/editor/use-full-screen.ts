/** While something fills the window, what it covers takes no focus and is not read out. */

import { type RefObject, useLayoutEffect } from "react";

/** Up to the dialog that it is in: menus and messages lie outside of it, and stay within reach. */
export function useFullScreen(element: RefObject<HTMLElement | null>, isFull: boolean): void {
  useLayoutEffect(() => {
    if (!isFull) return;
    const covered: HTMLElement[] = [];
    for (let inner = element.current; inner && !inner.matches("[role=dialog], body"); inner = inner.parentElement) {
      for (const sibling of inner.parentElement?.children ?? []) {
        if (sibling === inner || !(sibling instanceof HTMLElement) || sibling.inert) continue;
        sibling.inert = true;
        covered.push(sibling);
      }
    }
    return () => {
      for (const one of covered) one.inert = false;
    };
  }, [element, isFull]);
}
