/**
 * Lets the router follow the dashboard's own links (`href="#/…"`). The browser would follow them too, but a screen with
 * unsaved changes can only hold back what the router does.
 */

import type { RouterHistory } from "@tanstack/react-router";

export function followLinks(history: RouterHistory): () => void {
  const follow = (event: MouseEvent) => {
    const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const href = link?.getAttribute("href");
    if (event.defaultPrevented || !isPlain || !href?.startsWith("#/") || link?.target === "_blank") return;
    event.preventDefault();
    history.push(href.slice(1));
  };
  document.addEventListener("click", follow);
  return () => document.removeEventListener("click", follow);
}
