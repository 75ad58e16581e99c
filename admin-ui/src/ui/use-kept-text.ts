/** A text that is being typed, and is still there after the screen was left or the window loaded again. */

import { useState } from "react";
import { keep, readKept } from "#lib/kept.ts";

/** `key` stays the same while it is shown. Another window has a text of its own. */
export function useKeptText(key: string): [text: string, change: (text: string) => void] {
  const [text, setText] = useState(() => {
    const kept = readKept(key, "window");
    return typeof kept === "string" ? kept : "";
  });
  const change = (next: string) => {
    setText(next);
    keep(key, next === "" ? undefined : next, "window");
  };
  return [text, change];
}
