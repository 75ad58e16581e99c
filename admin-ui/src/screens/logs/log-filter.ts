/** Turns what was typed into the search box of the log into a filter. */

/** Fields of a log entry that a filter may begin with. */
const FILTER = /^\(*\s*(id|created|level|message|data(\.[\w.]+)?)\s*(\?)?(=|!=|>|<|~|!~)/;

export function logFilter(typed: string, isOnlyTrouble: boolean): string {
  const text = typed.trim();
  const parts = isOnlyTrouble ? ["level >= 4"] : [];
  if (text !== "") {
    parts.push(
      FILTER.test(text) ? `(${text})` : `(message ~ ${JSON.stringify(text)} || data ~ ${JSON.stringify(text)})`,
    );
  }
  return parts.join(" && ");
}
