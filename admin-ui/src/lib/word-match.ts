/** How well what was typed fits a name, for lists that are narrowed while somebody types. */

/** Less is better. */
const EXACT = 0;
const BEGINS = 1;
const WORDS = 2;
const TERMS = 3;

/**
 * `null`: it does not fit. Every typed word has to begin a word of the label or, which counts less, of the terms: other
 * words for the same thing. Case and accents do not count.
 */
export function matchRank(label: string, terms: string, typed: string): number | null {
  const wanted = wordsOf(typed);
  const name = wordsOf(label);
  const text = wanted.join(" ");
  if (name.join(" ") === text) return EXACT;
  if (name.join(" ").startsWith(text)) return BEGINS;
  if (haveAll(name, wanted)) return WORDS;
  // One or many is no difference here.
  return haveAll([...name, ...wordsOf(terms)], wanted.map(withoutPlural)) ? TERMS : null;
}

function haveAll(words: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((beginning) => words.some((word) => word.startsWith(beginning)));
}

function withoutPlural(word: string): string {
  return word.length > 3 ? word.replace(/s$/, "") : word;
}

/** `orderLines` and `order_lines` are two words each. */
function wordsOf(text: string): string[] {
  const parted = text.replace(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, " ");
  return withoutAccents(parted)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

export function withoutAccents(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
