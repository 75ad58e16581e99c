/** Opens the search of everything, by click or with Ctrl+K (Cmd+K). */

import { Command } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { isMac } from "#lib/is-mac.ts";
import { words } from "#words/words.ts";

const load = () => import("./command-palette.tsx");
const CommandPalette = lazy(() => load().then((module) => ({ default: module.CommandPalette })));
/** Long enough for what the screen itself needs. */
const LOAD_AFTER_MS = 2_000;

export function CommandButton() {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    // What is typed before the search is there would be lost, so it is loaded before anybody asks.
    const timer = setTimeout(() => load().catch(() => undefined), LOAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
        event.preventDefault();
        setOpen(true);
      }
    };
    document.addEventListener("keydown", open);
    return () => document.removeEventListener("keydown", open);
  }, []);
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        className="flex h-9 items-center gap-2 rounded-lg px-2.5 text-sm text-ink-soft hover:bg-line/50 hover:text-ink"
      >
        <Command className="size-4" aria-hidden />
        <span className="flex-1 text-left">{words().palette.open}</span>
        <kbd className="font-sans text-xs" aria-hidden>
          {isMac() ? "⌘K" : words().palette.shortcut}
        </kbd>
      </button>
      {isOpen && (
        <Suspense fallback={null}>
          <CommandPalette onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
