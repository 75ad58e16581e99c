/** The keys of the panel. */

import type { KeyboardEvent } from "react";
import { isMac } from "#lib/is-mac.ts";
import { words } from "#words/words.ts";

type Actions = { save: () => void; previous: () => void; next: () => void; help: () => void };

/** As they are called on the keyboard at hand. */
export function keyNames() {
  return {
    save: isMac() ? "⌘S" : `${words().common.controlKey}+S`,
    previous: isMac() ? "⌥↑" : "Alt+↑",
    next: isMac() ? "⌥↓" : "Alt+↓",
    close: "Esc",
    help: "?",
  };
}

export function onShortcut(event: KeyboardEvent, actions: Actions): void {
  const action = actionFor(event);
  if (action === null) return;
  event.preventDefault();
  // A panel over this one has keys of its own.
  event.stopPropagation();
  actions[action]();
}

function actionFor({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): keyof Actions | null {
  if ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === "s") return "save";
  if (ctrlKey || metaKey) return null;
  // In a text of several lines these keys move through it, and in a list they open it.
  const isOwnUse =
    target instanceof HTMLElement &&
    target.closest("textarea, select, input[type^=date], [role=combobox], [contenteditable=true]") !== null;
  if (altKey && !isOwnUse && key === "ArrowUp") return "previous";
  if (altKey && !isOwnUse && key === "ArrowDown") return "next";
  const isTyping = isOwnUse || (target instanceof HTMLInputElement && !/checkbox|radio|file/.test(target.type));
  return key === "?" && !isTyping ? "help" : null;
}
