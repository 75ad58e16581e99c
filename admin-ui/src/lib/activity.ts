/** Calls back whenever somebody does something in the window. Returns what ends it. */
export function watchActivity(onActivity: () => void): () => void {
  const kinds = ["pointermove", "pointerdown", "wheel", "keydown"];
  for (const kind of kinds) window.addEventListener(kind, onActivity, { capture: true, passive: true });
  return () => {
    for (const kind of kinds) window.removeEventListener(kind, onActivity, { capture: true });
  };
}
