/**
 * Splits a rule or filter into tokens, as the server does. Text that is no token becomes one of kind `unknown`, so that
 * an editor can colour what is being typed.
 */

export type TokenKind =
  | "name"
  | "text"
  | "number"
  | "operator"
  | "join"
  | "open"
  | "close"
  | "comma"
  | "comment"
  | "unknown";

/** `from` and `to` count UTF-16 units from the start of the rule. */
export type Token = { kind: TokenKind; text: string; from: number; to: number };

const PATTERNS: readonly [TokenKind, RegExp][] = [
  ["comment", /\/\/[^\n]*/y],
  ["text", /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/y],
  ["number", /-?\d+(?:\.\d+)?(?![\w.])/y],
  ["name", /[A-Za-z_@#][\w.:]*/y],
  ["join", /&&|\|\|/y],
  ["operator", /\?=|\?!=|\?>=|\?>|\?<=|\?<|\?~|\?!~|!=|!~|>=|<=|=|>|<|~/y],
  ["open", /\(/y],
  ["close", /\)/y],
  ["comma", /,/y],
];

const SPACE = /\s+/y;

export function tokenize(rule: string): Token[] {
  const tokens: Token[] = [];
  let from = 0;
  while (from < rule.length) {
    const space = matchAt(SPACE, rule, from);
    if (space) {
      from += space.length;
      continue;
    }
    const token = nextToken(rule, from);
    tokens.push(token);
    from = token.to;
  }
  return tokens;
}

/** The token that begins at `from`, which must not be white space. */
export function nextToken(rule: string, from: number): Token {
  for (const [kind, pattern] of PATTERNS) {
    const text = matchAt(pattern, rule, from);
    if (text) return { kind, text, from, to: from + text.length };
  }
  const quote = rule[from];
  // A text without its closing quote takes the rest.
  const to = quote === '"' || quote === "'" ? rule.length : from + 1;
  return { kind: "unknown", text: rule.slice(from, to), from, to };
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
