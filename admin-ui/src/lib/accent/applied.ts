/**
 * The shades that the page is drawn in. This browser remembers them, so that they are there from the first moment, also
 * on the page for signing in: the server tells the owner's colour to superusers only.
 */

import { keep, readKept } from "#lib/kept.ts";
import type { AccentShades, Shades } from "./shades.ts";

const STORAGE_KEY = "steading_accent";

/** By the names in the style sheet. */
const PROPERTIES: Record<keyof Shades, string> = {
  main: "--moss",
  strong: "--moss-strong",
  wash: "--moss-wash",
  on: "--on-moss",
};

/** `null` stands for the colours of the style sheet. */
export function rememberAccent(shades: AccentShades | null): void {
  keep(STORAGE_KEY, shades ?? undefined);
  applyAccent();
}

/** Draws the page in the shades that were remembered last. */
export function applyAccent(): void {
  const kept: unknown = readKept(STORAGE_KEY);
  for (const theme of ["light", "dark"] as const) {
    for (const [shade, property] of Object.entries(PROPERTIES)) {
      const value: unknown = Object(Object(kept)[theme])[shade];
      const { style } = document.documentElement;
      if (typeof value === "string" && /^#[\da-f]{6}$/.test(value)) style.setProperty(`${property}-${theme}`, value);
      else style.removeProperty(`${property}-${theme}`);
    }
  }
}
