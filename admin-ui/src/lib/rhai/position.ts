/** Turns the line and column of a mistake into a place in the text. */

/** Both from 1; columns count characters. Line 0 stands for an unknown place: `null`. */
export function rangeAt(text: string, line: number, column: number): { from: number; to: number } | null {
  const lines = text.split("\n");
  const content = lines[line - 1];
  if (line < 1 || content === undefined) return null;
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const before = [...content].slice(0, Math.max(0, column - 1)).join("").length;
  const rest = content.slice(before);
  const word = /^[\p{L}\p{N}_]+/u.exec(rest)?.[0].length ?? 1;
  const end = Math.min(before + word, content.length);
  // At the end of a line there is no character to mark, so the last one is.
  const from = rest === "" ? Math.max(0, before - 1) : before;
  return { from: start + from, to: start + Math.max(end, Math.min(from + 1, content.length)) };
}
