/** Texts as the server's filter language writes them. */

export function quote(text: string): string {
  const escaped = text.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t");
  return `"${escaped}"`;
}

/** Without an unescaped `%` the server looks for the text anywhere, and takes `_` and `\` as they are. */
export function escapePercent(text: string): string {
  return text.replaceAll("%", "\\%");
}

/** What `escapePercent` was given, or `null` where the text has wildcards. */
export function readContained(pattern: string): string | null {
  return /(?:^|[^\\])%/.test(pattern.replaceAll("\\\\", "")) ? null : pattern.replaceAll("\\%", "%");
}
