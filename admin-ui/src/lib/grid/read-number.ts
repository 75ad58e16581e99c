/** Numbers as people and spreadsheets write them: with the decimal sign of their language, grouped or not. */

const SPACES = /[\s\u00a0\u202f']/g;

function decimalSign(locale: string | undefined): "." | "," {
  const parts = new Intl.NumberFormat(locale).formatToParts(1.5);
  return parts.find(({ type }) => type === "decimal")?.value === "," ? "," : ".";
}

/**
 * Reads a number, or gives `null`. Currency and percent signs around it are ignored (50 % is read as 50). A sign that
 * could be either is read as the language has it: `1.234` is 1234 in German and 1.234 in English.
 */
export function readNumber(text: string, locale: string | undefined): number | null {
  const plain = plainNumber(text, locale);
  const value = plain === null ? Number.NaN : Number(plain);
  return Number.isFinite(value) ? value : null;
}

/** Whether it is a whole number with more digits than a number can hold: it would be stored with others. */
export function losesDigits(text: string, locale: string | undefined): boolean {
  const plain = plainNumber(text, locale);
  if (plain === null || !/^[-+]?\d+$/.test(plain) || !Number.isFinite(Number(plain))) return false;
  const whole = BigInt(plain);
  // Very large numbers are shown with zeros at the end, and may come back so.
  return whole !== BigInt(Number(plain)) && String(whole) !== String(Number(plain));
}

/** As the language of scripts writes it. */
function plainNumber(text: string, locale: string | undefined): string | null {
  const bare = text
    .trim()
    .replace(/^\((.*)\)$/, "-$1")
    .replace(/\p{Sc}|%/gu, "")
    .replace("−", "-")
    .replace(SPACES, "");
  if (!/^[-+]?[\d.,]+(e[-+]?\d+)?$/i.test(bare) || !/\d/.test(bare)) return null;
  return withPoint(bare, decimalSign(locale));
}

function withPoint(text: string, sign: "." | ","): string | null {
  const points = text.split(".").length - 1;
  const commas = text.split(",").length - 1;
  if (points === 0 && commas === 0) return text;
  // With both signs the last one is the decimal sign, whatever the language.
  if (points > 0 && commas > 0) {
    const decimal = text.lastIndexOf(".") > text.lastIndexOf(",") ? "." : ",";
    return (decimal === "." ? points : commas) > 1 ? null : ungroup(text, decimal);
  }
  const found = points > 0 ? "." : ",";
  const isGrouped = /^[-+]?\d{1,3}([.,]\d{3})+$/.test(text);
  if (points + commas > 1) return isGrouped ? text.replaceAll(found, "") : null;
  if (found === sign) return ungroup(text, sign);
  return isGrouped ? text.replace(found, "") : ungroup(text, found);
}

function ungroup(text: string, decimal: "." | ","): string {
  const other = decimal === "." ? "," : ".";
  return text.replaceAll(other, "").replace(decimal, ".");
}

/** For spreadsheets of the same language: not grouped, with its decimal sign. */
export function writeNumber(value: number, locale: string | undefined): string {
  const text = String(value);
  return decimalSign(locale) === "," ? text.replace(".", ",") : text;
}
