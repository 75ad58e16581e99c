/** The server's filter language as a tree, as far as drop-downs can show it. */

type Operand = { type: "name" | "text" | "number"; text: string };
export type Comparison = { left: Operand; operator: string; right: Operand };
export type Tree = Comparison | { join: "and" | "or"; parts: Tree[] };

type Token = { type: "name" | "text" | "number" | "sign"; text: string };

/** `null`: there is a mistake in it, or something that has no place in the tree, such as a function. */
export function parseFilter(text: string): Tree | null {
  const tokens = tokenize(text);
  if (!tokens || tokens.length === 0) return null;
  const parser = { tokens, at: 0 };
  const tree = parseOr(parser);
  return tree && parser.at === tokens.length ? tree : null;
}

const TOKEN =
  /\s+|\/\/[^\n]*|(?<name>[@A-Za-z_#][\w.:@]*)|(?<number>-?\d+(?:\.\d+)?)|(?<text>"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')|(?<sign>&&|\|\||\(|\)|\?(?:!?[=~]|[<>]=?)|!?[=~]|[<>]=?)/y;

function tokenize(text: string): Token[] | null {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    if (!found) return null;
    const { name, number, text: quoted, sign } = found.groups ?? {};
    if (name !== undefined) tokens.push({ type: "name", text: name });
    else if (number !== undefined) tokens.push({ type: "number", text: number });
    else if (quoted !== undefined) tokens.push({ type: "text", text: unquote(quoted) });
    else if (sign !== undefined) tokens.push({ type: "sign", text: sign });
  }
  return tokens;
}

const ESCAPED: Record<string, string> = { "\\": "\\", "'": "'", '"': '"', n: "\n", r: "\r", t: "\t" };

/** A backslash before any other character stays. */
function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\([\s\S])/g, (whole, char: string) => ESCAPED[char] ?? whole);
}

type Parser = { tokens: Token[]; at: number };

function parseOr(parser: Parser): Tree | null {
  return parseJoined(parser, "||", "or", parseAnd);
}

function parseAnd(parser: Parser): Tree | null {
  return parseJoined(parser, "&&", "and", parsePart);
}

function parseJoined(
  parser: Parser,
  sign: string,
  join: "and" | "or",
  parsePart: (parser: Parser) => Tree | null,
): Tree | null {
  const parts: Tree[] = [];
  do {
    const part = parsePart(parser);
    if (!part) return null;
    parts.push(part);
  } while (take(parser, sign));
  const [only] = parts;
  return parts.length === 1 && only ? only : { join, parts };
}

function take(parser: Parser, sign: string): boolean {
  const token = parser.tokens[parser.at];
  if (token?.type !== "sign" || token.text !== sign) return false;
  parser.at += 1;
  return true;
}

function parsePart(parser: Parser): Tree | null {
  if (!take(parser, "(")) return parseComparison(parser);
  const tree = parseOr(parser);
  return tree && take(parser, ")") ? tree : null;
}

function parseComparison(parser: Parser): Comparison | null {
  const [left, operator, right] = parser.tokens.slice(parser.at, parser.at + 3);
  if (!left || !right || operator?.type !== "sign" || /^[&|()]/.test(operator.text)) return null;
  if (left.type === "sign" || right.type === "sign") return null;
  parser.at += 3;
  return { left: asOperand(left), operator: operator.text, right: asOperand(right) };
}

function asOperand({ type, text }: Token): Operand {
  return { type: type === "sign" ? "text" : type, text };
}
