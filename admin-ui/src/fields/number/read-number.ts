/**
 * The number that somebody has typed, with a decimal point or comma. Nothing typed is zero, which is how the server
 * keeps "no number"; `null` is no number. Groups of thousands are refused rather than guessed: `1,234` is ambiguous only
 * to those who group, so it is read as a fraction where it is alone, and `1.234,5` is not read.
 */
export function readNumber(typed: string): number | null {
  const text = typed.trim().replace(/^[\u2212\u2013]/, "-");
  if (text === "") return 0;
  const plain = /^[+-]?\d+,\d+$/.test(text) ? text.replace(",", ".") : text;
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(plain)) return null;
  const number = Number(plain);
  return Number.isFinite(number) ? number : null;
}
