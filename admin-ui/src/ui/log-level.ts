/** The levels of the log, in words and colours. */

import { words } from "#words/words.ts";

export function levelName(level: number): string {
  const { debug, info, warning, error } = words().logs.levels;
  if (level >= 8) return error;
  if (level >= 4) return warning;
  return level >= 0 ? info : debug;
}

export function levelTone(level: number): string {
  if (level >= 8) return "text-danger";
  return level >= 4 ? "text-straw" : "text-ink-soft";
}
