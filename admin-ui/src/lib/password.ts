/** Invents passwords, and judges how hard one is to guess. */

/** Without letters that look alike: 0 and O, 1, l and I. */
const LETTERS = "abcdefghijkmnpqrstuvwxyz";
const CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ";
const DIGITS = "23456789";
const SIGNS = "-_.!?+=*%";
const USUAL_LENGTH = 20;
const ATTEMPTS = 50;

export type PasswordLimits = { min?: number; max?: number; pattern?: string };

/** A random password that fits the field, or `null` when its pattern asks for something unusual. */
export function inventPassword({ min = 0, max = 0, pattern = "" }: PasswordLimits): string | null {
  const longest = max > 0 ? max : 71;
  const length = Math.max(min, Math.min(USUAL_LENGTH, longest));
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // Patterns often forbid signs, so every second attempt goes without.
    const password = draw(length, attempt % 2 === 0 ? [LETTERS, CAPITALS, DIGITS, SIGNS] : [LETTERS, CAPITALS, DIGITS]);
    if (fits(password, pattern)) return password;
  }
  return null;
}

/** The server's patterns are close to JavaScript's; one that is not readable here is left to the server. */
function fits(password: string, pattern: string): boolean {
  if (pattern === "") return true;
  try {
    return new RegExp(pattern, "u").test(password);
  } catch {
    return false;
  }
}

function draw(length: number, groups: string[]): string {
  const all = groups.join("");
  for (;;) {
    const drawn = Array.from({ length }, () => all[randomBelow(all.length)]).join("");
    const hasEach = groups.every((group) => [...group].some((char) => drawn.includes(char)));
    if (hasEach || length < groups.length * 2) return drawn;
  }
}

/** Every number below `limit` is equally likely. */
function randomBelow(limit: number): number {
  const bound = 256 - (256 % limit);
  const byte = new Uint8Array(1);
  do crypto.getRandomValues(byte);
  while ((byte[0] ?? 0) >= bound);
  return (byte[0] ?? 0) % limit;
}

/** From 0, guessed at once, to 4, out of reach. */
export type Strength = 0 | 1 | 2 | 3 | 4;

const USUAL =
  /^(?:pass(?:word|wort)?|qwert[yz]u?i?o?p?|asdf(?:gh(?:jkl?)?)?|admin|welcome|willkommen|letmein|secret|geheim|iloveyou|hallo|hello|abc|test|contrase[nñ]a|hola)\W*\d*\W*$/i;

/** An estimate in bits: what is random counts in full, what repeats or runs on (aaa, 123, abc) counts little. */
export function passwordStrength(password: string): Strength {
  if (password.length < 6 || USUAL.test(password)) return 0;
  const chars = [...password];
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(password)).length;
  const bitsEach = [3.3, 3.3, 4.2, 5, 5.5][kinds] ?? 3.3;
  let bits = 0;
  chars.forEach((char, index) => {
    const step = code(char) - code(chars[index - 1]);
    const stepBefore = code(chars[index - 1]) - code(chars[index - 2]);
    const runsOn = index > 0 && (step === 0 || (index > 1 && step === stepBefore && Math.abs(step) === 1));
    bits += runsOn ? 0.5 : bitsEach;
  });
  bits = Math.min(bits, new Set(chars).size * bitsEach * 1.5);
  if (bits < 28) return 0;
  if (bits < 40) return 1;
  if (bits < 55) return 2;
  return bits < 75 ? 3 : 4;
}

function code(char: string | undefined): number {
  return char?.codePointAt(0) ?? -10;
}
