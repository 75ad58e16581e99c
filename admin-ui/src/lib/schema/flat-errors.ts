/** What the server finds wrong with single values, by their path, such as `fields.2.name`. */

export type Finding = { code: string; message: string; params: Record<string, unknown> };

/** Flattens the tree under `data` of a refusal. Lists arrive as objects with numbers for keys. */
export function flattenErrors(data: unknown, path = ""): Record<string, Finding> {
  if (typeof data !== "object" || data === null) return {};
  const finding = asFinding(data);
  if (finding) return { [path]: finding };
  const flat: Record<string, Finding> = {};
  for (const [key, inner] of Object.entries(data)) {
    Object.assign(flat, flattenErrors(inner, path === "" ? key : `${path}.${key}`));
  }
  return flat;
}

function asFinding(data: object): Finding | null {
  const { code, message, params } = data as { code?: unknown; message?: unknown; params?: unknown }; // any JSON
  if (typeof code !== "string" || typeof message !== "string") return null;
  return { code, message, params: typeof params === "object" && params !== null ? { ...params } : {} };
}

/**
 * Where a message about a rule points to, in UTF-16 units: the position that the server names, or else the words that it
 * quotes. `null` when it says neither.
 */
export function positionOf(message: string, rule: string): { from: number; to: number } | null {
  const character = /\bat character (\d+)/.exec(message)?.[1];
  if (character) {
    // The server counts characters from 1.
    const from = [...rule].slice(0, Number(character) - 1).join("").length;
    const word = /^[\w.:@#]+/.exec(rule.slice(from))?.[0];
    return { from: Math.min(from, rule.length), to: Math.min(from + (word?.length ?? 1), rule.length) };
  }
  for (const [, quoted = ""] of message.matchAll(/"([^"]+)"/g)) {
    const from = rule.indexOf(quoted);
    if (from >= 0) return { from, to: from + quoted.length };
  }
  return null;
}
