/**
 * Degrees that somebody has typed, with a decimal point or comma whatever the language. Nothing typed is zero, which is
 * how the server keeps "no place"; `null` is no number. Degrees have no thousands, so `13,738` is a fraction.
 */
export function readDegrees(typed: string): number | null {
  const text = typed.trim().replace(/^[\u2212\u2013]/, "-");
  if (text === "") return 0;
  const plain = /^[+-]?\d+,\d+$/.test(text) ? text.replace(",", ".") : text;
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(plain)) return null;
  const number = Number(plain);
  return Number.isFinite(number) ? number : null;
}
