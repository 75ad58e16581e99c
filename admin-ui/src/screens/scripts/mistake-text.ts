/** A mistake in words, with its place. */

import type { ScriptMistake } from "#api/scripts.ts";
import { words } from "#words/words.ts";

type Mistake = Omit<ScriptMistake, "at">;

/** `file` is the one that is looked at: its own name is left out. */
export function mistakeText({ file, line, message }: Mistake, here?: string): string {
  const texts = words().scripts;
  if (file === here || file === "") return line > 0 ? texts.atLine(line, message) : message;
  return line > 0 ? texts.atFileLine(file, line, message) : texts.atFile(file, message);
}
